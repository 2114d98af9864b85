"""Votes of a judge that can't be read are asked for twice; after that they are missing, and too many fail the judge."""

from pathlib import Path

from advisor.analysis.verdict.exam import exam_result
from advisor.decide.decisions import decide
from advisor.scoring.judge import REPAIR_PROMPT, parse_judgement, score_pair
from advisor.store import Store
from advisor.store.run.replies import count_unread
from advisor.store.run.tallies import tally_run
from advisor.types import Cause, ExamResult, Status, Verdict
from tests.made.drafts import ANSWER, ROLES, drafting, same, writer
from tests.made.judge import examined
from tests.made.run import Answers, asked, replayed
from tests.server import Body, completion

ROWS = 100
attentive = examined(same, (ANSWER.format(i) for i in range(ROWS)), lambda text: text.startswith("Hello"))


def repaired(body: Body) -> str | Body:
    """Says a letter alone until it is asked again."""
    if asked(body) != REPAIR_PROMPT:
        return "A"
    return attentive({**body, "messages": body["messages"][:-2]})


def half_mute(body: Body) -> str | Body:
    """Answers what is about an even topic by a letter, whatever it is asked."""
    first = {**body, "messages": body["messages"][:2]}
    is_even = int(asked(first).partition("about topic ")[2].partition("\n")[0].rstrip(".") or 1) % 2 == 0
    return "A" if is_even and "Hello" in asked(first) else attentive(first)


def test_a_vote_that_cannot_be_read_is_asked_for_once_more(store: Store, tmp_path: Path) -> None:
    study, run, server = replayed(store, tmp_path, drafting(ROWS), ROLES, {"open": writer, "judge": repaired})
    assert server.count("judge") == 2 * (2 * ROWS + 100)
    assert [replies.votes for replies in count_unread(store, run.id).values()] == [(0, 2 * ROWS)]
    judging = decide(store, study).recommendation.judging
    assert (judging.judges[0].judged, judging.judges[0].unparsed) == (2 * ROWS, 0)
    assert exam_result(judging.exam).code == ExamResult.PASSED


def test_a_judge_with_many_unreadable_votes_fails_and_is_asked_no_further(store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(store, tmp_path, drafting(ROWS), ROLES, {"open": writer, "judge": half_mute})
    (replies,) = count_unread(store, run.id).values()
    unread, votes = replies.votes
    assert replies.example == "“A”"
    assert unread >= 30
    assert votes < 2 * ROWS
    assert run.state.status is Status.SUCCEEDED
    tally = tally_run(store, run.id)
    assert tally.judge.given_up == 2 * ROWS - (votes - unread), "neither ties nor given"
    assert (tally.judge.lacking, tally.missing) == (0, 0), "to resume it would meet the same replies"
    found = decide(store, study).recommendation
    assert (found.judging.judges[0].judged, found.judging.judges[0].unparsed) == (votes, unread)
    assert found.judging.judges[0].tied <= found.judging.judges[0].pairs
    assert exam_result(found.judging.exam).code == ExamResult.UNREADABLE
    (candidate,) = found.use_cases[0].candidates
    assert (candidate.ruling.verdict, candidate.ruling.reason.code) == (Verdict.NEED_MORE_DATA, Cause.JUDGE_NOT_PROVEN)


def test_a_vote_that_cannot_be_read_counts_against_the_budget_where_nobody_tells_its_tokens(
    store: Store, tmp_path: Path
) -> None:
    def mute(_: Body) -> Body:
        return completion("A", usage=None)

    answers: Answers = {"open": writer, "judge": mute}
    budget = {"budget_usd": 0.001, "concurrency": 1}
    _, run, server = replayed(store, tmp_path, drafting(12), ROLES, answers, **budget)
    assert tally_run(store, run.id).judge.cost_usd is None
    assert 0 < server.count("judge") < 2 * 2 * 12, "the budget ends it"
    assert run.state.status is Status.BUDGET_EXCEEDED


def test_half_a_pair_is_no_vote() -> None:
    read, unread = ('{"reason": "", "verdict": "A"}', "A")
    said = [parse_judgement(text, candidate_first=first) for text, first in ((read, True), (unread, False))]
    assert score_pair(said).value is None
