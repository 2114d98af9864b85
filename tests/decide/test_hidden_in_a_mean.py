"""What a mean hides, from the log through a replay to the decision that every place shows."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.decide.decision_json import describe_decision
from advisor.decide.decisions import decide
from advisor.decide.flags import flags
from advisor.plan.dossier import dossier_of
from advisor.plan.exports import make_pdf
from advisor.store import Store
from advisor.text.advice.flags import flag
from advisor.text.business_case.board import confidence_words
from advisor.types import Assessment, CaveatCode, Role, Verdict
from advisor.types.messages import FlagCode
from tests.made.letters import NONSENSE, START, coin, letters, number_of, text_for, when
from tests.made.log import call
from tests.made.run import replayed
from tests.server import Body

LABELS = ("billing", "bug", "sales", "refund")


def label_of(n: int) -> str:
    """Every tenth call is a refund."""
    return LABELS[3] if n % 10 == 9 else LABELS[n % 3]


def tickets(count: int) -> list[dict[str, Any]]:
    return [
        call(n, f"Sort ticket {n} by topic.", label_of(n), target=label_of(n), timestamp=when(n)) for n in range(count)
    ]


def by_model(store: Store, study: Any, margin: float | None = None) -> dict[str, Assessment]:
    (decision,) = decide(store, study, margin=margin).recommendation.use_cases
    return {found.model: found for found in decision.candidates}


def codes(found: Assessment) -> list[CaveatCode]:
    return [caveat.code for caveat in found.caveats]


@pytest.mark.slow
def test_right_answers_hide_a_fall_and_a_class(any_store: Store, tmp_path: Path) -> None:
    def falls(body: Body) -> str:
        n = number_of(body)
        return label_of(n) if n < 160 or n % 5 < 3 else LABELS[n % 3 - 1]

    def never(body: Body) -> str:
        found = label_of(number_of(body))
        return "billing" if found == "refund" else found

    answers: dict[str, Callable[[Body], str | Body]] = {
        "falls": falls,
        "never": never,
        "equal": lambda body: label_of(number_of(body)),
    }
    roles = dict.fromkeys(answers, Role.CANDIDATE)
    study, _, _ = replayed(any_store, tmp_path, tickets(200), roles, answers)
    found = by_model(any_store, study, margin=0.25)
    assert codes(found["equal"]) == []
    assert found["equal"].ruling.verdict is Verdict.SWITCH
    assert codes(found["falls"]) == [CaveatCode.FALLS_LATELY]
    assert found["falls"].caveats[0].at == START + timedelta(hours=160)
    assert codes(found["never"]) == [CaveatCode.CLASS_NEVER_RIGHT]
    assert (found["never"].caveats[0].where, found["never"].caveats[0].n) == ("refund", 20)
    for name in ("falls", "never"):
        assert (found[name].ruling.verdict, found[name].ruling.n_needed) == (Verdict.NEED_MORE_DATA, None)
    report = decide(any_store, study, margin=0.25)
    (case,) = describe_decision(report.recommendation)["use_cases"]
    told = {each["model"]: each["caveats"] for each in case["candidates"]}
    assert told["equal"] == []
    assert {each["code"]: each["holds"] for each in told["never"]} == {"class_never_right": True}
    assert "refund" in told["never"][0]["text"]
    assert make_pdf(any_store, study).startswith(b"%PDF")


def test_a_log_without_times_is_read_in_its_order(store: Store, tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "timestamp"} for row in tickets(200)]
    answers = {"a": lambda body: label_of(n) if (n := number_of(body)) < 160 or n % 5 < 3 else LABELS[n % 3 - 1]}
    study, _, _ = replayed(store, tmp_path, rows, {"a": Role.CANDIDATE}, answers)
    (caveat,) = by_model(store, study, margin=0.25)["a"].caveats
    assert (caveat.code, caveat.n, caveat.at) == (CaveatCode.FALLS_LATELY, 40, None)


@pytest.mark.slow
@pytest.mark.parametrize("live", [False, True])
def test_texts_hide_one_answer_to_all_and_copies(store: Store, tmp_path: Path, live: bool) -> None:
    answers: dict[str, Callable[[Body], str | Body]] = {
        "constant": lambda body: f"Dear customer {number_of(body)}, {text_for(number_of(body), 'x')[:20]}: {NONSENSE}",
        "copies": lambda body: text_for(number_of(body), "log").capitalize() + ".",
        "equal": lambda body: text_for(number_of(body), "equal"),
        "judge": coin,
    }
    roles = dict.fromkeys(("constant", "copies", "equal"), Role.CANDIDATE) | {"judge": Role.JUDGE}
    if live:
        roles["closed"] = Role.BASELINE
        answers["closed"] = lambda body: text_for(number_of(body), "closed")
    study, _, _ = replayed(store, tmp_path, letters(60), roles, answers)
    found = by_model(store, study)
    # Live calls have times, and a busy machine may answer any of them late.
    said = {name: [code for code in codes(each) if code is not CaveatCode.P95_FAR] for name, each in found.items()}
    assert said["constant"] == [CaveatCode.NEAR_CONSTANT]
    assert said["copies"] == [CaveatCode.COPIED]
    assert said["equal"] == []
    for name in ("constant", "copies"):
        caveat = found[name].caveats[0]
        assert (caveat.n, caveat.value, caveat.baseline_value, caveat.holds) == (60, 1.0, 0.0, False)


def test_a_candidate_that_repeats_the_log_is_the_first_flag(store: Store, tmp_path: Path) -> None:
    answers: dict[str, Callable[[Body], str | Body]] = {
        "copies": lambda body: text_for(number_of(body), "log").capitalize() + ".",
        "judge": coin,
    }
    roles = {"copies": Role.CANDIDATE, "judge": Role.JUDGE}
    study, _, _ = replayed(store, tmp_path, letters(60), roles, answers)
    by_model(store, study)
    first = flags(store, study, None)[0]
    assert first.code == FlagCode.COPIED
    assert flag(first).startswith(
        "copies repeats the recorded answer almost word for word in 60 of 60 long answers (0 "
    )
    dossier = dossier_of(store, study)
    assert confidence_words(dossier).startswith("Low: 60 of 60 long answers repeat the recorded ones")


def test_a_text_that_the_prompt_gives_or_the_log_repeats_is_no_copy(store: Store, tmp_path: Path) -> None:
    """Correcting a text gives the same text; a log that answers all alike is met by an answer that does so too."""
    rows = [call(n, f"Correct text {n} now: {text_for(n, 'log')}", text_for(n, "log")) for n in range(60)]
    study, _, _ = replayed(
        store, tmp_path, rows, {"a": Role.CANDIDATE}, {"a": lambda body: text_for(number_of(body), "log")}
    )
    assert codes(by_model(store, study)["a"]) == []


def test_a_log_that_answers_all_alike_is_the_measure(store: Store, tmp_path: Path) -> None:
    rows = [call(n, f"Answer customer {n} kindly.", NONSENSE) for n in range(60)]
    study, _, _ = replayed(store, tmp_path, rows, {"a": Role.CANDIDATE}, {"a": lambda _: NONSENSE})
    assert codes(by_model(store, study)["a"]) == []


def test_a_field_that_is_never_right(store: Store, tmp_path: Path) -> None:
    def invoice(n: int, **more: object) -> str:
        return json.dumps({"id": f"R-{n}", "total": n * 7, "items": [{"sku": f"s{n}"}, {"sku": f"t{n}"}]} | more)

    rows = [call(n, f"Extract invoice {n} now.", invoice(n), target=json.loads(invoice(n))) for n in range(60)]
    for row in rows:
        row["request"]["response_format"] = {"type": "json_object"}
    study, _, _ = replayed(
        store,
        tmp_path,
        rows,
        dict.fromkeys(("a", "b"), Role.CANDIDATE),
        {
            "a": lambda body: invoice(number_of(body), items=[{"sku": "?"}]),
            "b": lambda body: invoice(number_of(body), items=[{"sku": "?"}, {"sku": f"t{number_of(body)}"}]),
        },
    )
    found = by_model(store, study)
    assert [(c.code, c.where, c.n) for c in found["a"].caveats] == [(CaveatCode.FIELD_NEVER_RIGHT, "items[].sku", 60)]
    assert codes(found["b"]) == []
