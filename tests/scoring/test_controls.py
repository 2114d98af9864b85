"""Control pairs: the spoiled copy is worse in a way that the request or common sense shows."""

import json

import pytest

from advisor.scoring.controls import control_set, is_found, mean_sides, spoil
from advisor.types import Answer, ControlKind, Judgement, Preference, Request, ToolCall

ASKED = Request(messages=[{"role": "user", "content": "When does the office in Ulm open on day 12 of May?"}])
TOLD = Answer(text="The office in Ulm is open from 8 on day 12 of May. Bring your passport, as it must be shown.")


def spoiled(kind: ControlKind, answer: Answer = TOLD) -> str | None:
    found = spoil(kind, ASKED, answer, 1)
    return None if found is None else found.text


def test_every_task_of_the_set_allows_every_kind() -> None:
    assert len(control_set()) >= 6
    for task in control_set():
        for kind in ControlKind:
            found = spoil(kind, task.request, task.answer, 0)
            assert found is not None, (kind, task.answer.text)
            assert found != task.answer


def test_what_is_swapped_stands_in_the_request_where_there_is_such_a_thing() -> None:
    assert spoiled(ControlKind.ENTITY) != TOLD.text
    assert "from 8" in (spoiled(ControlKind.ENTITY) or "")


def test_a_claim_is_turned_into_its_opposite() -> None:
    found = spoiled(ControlKind.CLAIM) or ""
    assert ("is not open" in found) != ("must not be shown" in found)
    assert spoiled(ControlKind.CLAIM, Answer(text="The office in Ulm was not open.")) == "The office in Ulm was open."


def test_a_text_that_states_nothing_plainly_loses_the_longest_sentence_about_the_request() -> None:
    request = Request(messages=[{"role": "user", "content": "Schreib, dass der Versand wegen des Sturms dauert."}])
    text = (
        "Danke. Der Versand dauert wegen des Sturms vier Tage. Viele Grüße an alle Kundinnen und Kunden von uns allen."
    )
    found = spoil(ControlKind.CLAIM, request, Answer(text=text), 1)
    assert found is not None
    assert found.text == "Danke. Viele Grüße an alle Kundinnen und Kunden von uns allen."


def test_what_nobody_can_check_is_neither_swapped_nor_turned() -> None:
    open_ended = Request(messages=[{"role": "user", "content": "Write a newsletter."}])
    answer = Answer(text="Dear all, we sold 14 lamps to Clara last week. The light was fine. See you in spring.")
    assert spoil(ControlKind.ENTITY, open_ended, answer, 1) is None
    assert spoil(ControlKind.CLAIM, open_ended, answer, 1) is None


@pytest.mark.parametrize("kind", [ControlKind.TRUNCATED, ControlKind.PADDED])
def test_a_label_is_neither_cut_nor_padded(kind: ControlKind) -> None:
    assert spoiled(kind, Answer(text="billing")) is None


def test_an_object_lacks_a_field_and_a_call_an_argument() -> None:
    found = spoiled(ControlKind.CLAIM, Answer(text='{"name": "Ada Lovelace", "year": 1815}'))
    assert json.loads(found or "") == {"year": 1815}
    one = spoiled(ControlKind.CLAIM, Answer(text='{"name": "Ada"}'))
    assert json.loads(one or "") == {"name": "unknown"}
    call = Answer(tool_calls=(ToolCall(name="book", arguments='{"town": "Ulm", "day": 12}'),))
    wrong = spoil(ControlKind.CLAIM, ASKED, call, 1)
    assert wrong is not None
    assert json.loads(wrong.tool_calls[0].arguments) == {"day": 12}
    assert spoil(ControlKind.PADDED, ASKED, call, 1) is None


def vote(preference: Preference, *, first: bool, parsed: bool = True) -> Judgement:
    return Judgement(candidate_first=first, preference=preference, parsed=parsed)


def test_a_panel_votes_as_one_judge_in_each_order() -> None:
    right = [vote(Preference.BASELINE, first=True), vote(Preference.BASELINE, first=False)]
    led = [vote(Preference.CANDIDATE, first=True), vote(Preference.BASELINE, first=False)]
    assert mean_sides([right]) == (Preference.BASELINE, Preference.BASELINE)
    assert mean_sides([right, led]) == (Preference.TIE, Preference.BASELINE)
    assert mean_sides([right, right, led]) == (Preference.BASELINE, Preference.BASELINE)
    assert mean_sides([right, led[:1]]) == (Preference.TIE,), "an order that one judge hasn't read doesn't count"
    assert is_found(mean_sides([right]))
    assert not is_found(mean_sides([right, led]))
    assert not is_found((Preference.BASELINE,))
