"""Counts that a reader would take for something else: input tokens of a server, and pairs with the same text."""

from pathlib import Path

from advisor.decide.decisions import decide
from advisor.store import Store
from advisor.text.advice.reasons import reason
from advisor.text.names import evidence_words
from advisor.text.warnings import warning
from advisor.types import WarningCode
from tests.made.drafts import ANSWER, ROLES, drafting, same
from tests.made.judge import examined
from tests.made.run import Answers, asked, replayed
from tests.server import Body, completion

ROWS = 60
judge = examined(same, (ANSWER.format(i) for i in range(ROWS)), lambda text: text.startswith("Hello"))


def mostly_the_same(body: Body) -> str:
    """The recorded answer, but for one topic in ten."""
    topic = asked(body).split()[-1].rstrip(".")
    answer = ANSWER.format(topic)
    return answer.replace("Dear", "Hello") if int(topic) % 10 == 0 else answer


def test_equal_texts_are_told_from_answers_that_were_judged_equal(store: Store, tmp_path: Path) -> None:
    answers: Answers = {"open": mostly_the_same, "judge": judge}
    study, _, _ = replayed(store, tmp_path, drafting(ROWS), ROLES, answers, audited=ROWS)
    (a,) = decide(store, study).recommendation.use_cases[0].candidates
    assert (a.quality.n, a.quality.ties, a.quality.same_texts) == (60, 60, 54)
    assert "6 of 60 answers differ, judged equal" in reason(a)
    assert evidence_words(a) == "a judge compared 6 pairs, in both orders; the other 54 have the same text"


def test_a_server_that_counts_other_tokens_than_the_log_is_named_with_both(store: Store, tmp_path: Path) -> None:
    """The log has 100 input tokens a call."""
    for place, (tokens, is_far) in enumerate(((20, True), (40, False), (300, False), (301, True))):
        usage = {"prompt_tokens": tokens, "completion_tokens": 5, "total_tokens": tokens + 5}

        def counted(body: Body, usage: Body = usage) -> Body:
            return completion(mostly_the_same(body), usage=usage)

        answers: Answers = {"open": counted, "judge": judge}
        folder = tmp_path / str(place)
        folder.mkdir()
        with_store = Store(f"sqlite:///{folder / 'one.db'}")
        study, _, _ = replayed(with_store, folder, drafting(30), ROLES, answers)
        warnings = decide(with_store, study).recommendation.remarks.warnings
        told = [warning(each) for each in warnings if each.code == WarningCode.INPUT_TOKENS]
        begins = f"open's server reports {tokens} input tokens a call, the log 100. "
        assert [each.startswith(begins) for each in told] == [True] * is_far
        with_store.close()
