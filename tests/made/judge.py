"""Judges of tests that know which answer of a control pair is the original."""

import json
from collections.abc import Callable, Iterable

from advisor.scoring.controls import control_set
from tests.made.run import asked, fenced_answers, verdict
from tests.server import Body

TASKS = {task.answer.text for task in control_set()}


def examined(
    judge: Callable[[Body], str | Body],
    recorded: Iterable[str],
    is_candidates: Callable[[str], bool],
    reads: Callable[[Body], str | Body] = lambda _: json.dumps({"claims": [], "refusal": "answered"}),
) -> Callable[[Body], str | Body]:
    """A judge that names the better answer of each control pair, and of every other pair says what ``judge`` says.

    A pair without a candidate's answer is a control pair, and its better answer is a ``recorded`` one or a task's.
    ``reads`` says of single answers what they claim and decline.
    """
    good = TASKS | set(recorded)

    def answer(body: Body) -> str | Body:
        if "===== ANSWER A" not in asked(body):
            return reads(body)
        both = fenced_answers(body)
        known = [text in good for text in both]
        if any(map(is_candidates, both)) or known[0] == known[1]:
            return judge(body)
        return verdict("A" if known[0] else "B")

    return answer
