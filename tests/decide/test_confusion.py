"""The confusion matrix of a classification, from stored answers."""

from collections.abc import Callable, Sized
from pathlib import Path

import pytest
from sqlalchemy import event

from advisor.collect.use_cases import change
from advisor.decide.confusion import confusion_of
from advisor.judge.checks import set_match
from advisor.judge.scores import score_run
from advisor.store import Store
from advisor.store.engine import MOST_IDS
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.scores import load_scores
from advisor.text import numbers
from advisor.text.imports import use_case_description
from advisor.text.results import label_rates
from advisor.types import Json, Kind, Match, Matching, Role
from advisor.ui.evidence.quality.confusion import NONE, OTHER, confusion_table
from tests.made.log import call
from tests.made.run import asked, replayed
from tests.server import Body


def test_labels_are_counted_in_one_spelling(store: Store, tmp_path: Path) -> None:
    """Every fourth answer is wrong: another known label, an unknown one, or none at all."""
    labels = ("billing", "bug", "other")
    rows = [call(n, f"Sort ticket {n}, please.", labels[n % 3], target=labels[n % 3]) for n in range(60)]

    def open_model(body: Body) -> str:
        n = int(asked(body).split()[2].strip(","))
        if n % 4:
            return f'{{"label": "{labels[n % 3].upper()}"}}'
        return ("Bug", "shipping", "I would say that this one is rather hard to tell.\nSorry.")[n // 4 % 3]

    _, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": open_model})
    found = confusion_of(store, run, "Triage", "open")
    assert found is not None
    assert set(found.labels) == set(labels)
    wrong = [n for n in range(0, 60, 4) if not (n // 4 % 3 == 0 and n % 3 == 1)]
    assert (found.n, found.scored, found.right, found.otherwise) == (60, 60, 60 - len(wrong), 0)
    assert found.counts["billing", "bug"] == sum(n % 3 == 0 and n // 4 % 3 == 0 for n in range(0, 60, 4))
    assert sum(n for (_, given), n in found.counts.items() if given is None) == sum(
        n // 4 % 3 != 0 for n in range(0, 60, 4)
    )
    recall = sum(sum(n % 3 == k and n not in wrong for n in range(60)) / 20 for k in range(3)) / 3
    assert found.rates.recall == pytest.approx(recall)
    given = {label: sum(n for (_, named), n in found.counts.items() if named == label) for label in labels}
    assert given["bug"] > found.counts["bug", "bug"], "some others were taken for it"
    precise = [found.counts[label, label] / given[label] for label in labels]
    assert found.rates.precision == pytest.approx(sum(precise) / 3)
    assert f"recall {numbers.percent(recall)}" in label_rates(found.rates.precision, found.rates.recall, found.rates.f1)
    table = confusion_table(found)
    assert int(table.drop(columns="Reference label").sum().sum()) == 60
    assert NONE == "no known label"
    assert NONE in table.columns
    assert OTHER not in table.columns


def test_without_right_labels_the_logged_ones_are_compared_with(store: Store, tmp_path: Path) -> None:
    logged = ('{"category": "bug"}', '{"category": "billing"}')
    rows = [call(n, f"Sort ticket {n}, please.", logged[n % 2]) for n in range(40)]
    _, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: logged[1]})
    (case,) = list_use_cases(store, run.study_id)
    assert "{" not in use_case_description(case.description)
    found = confusion_of(store, run, case.name, "open")
    assert found is not None
    assert (found.is_logged, found.n, found.right) == (True, 40, 20)
    assert found.counts == {("bug", "billing"): 20, ("billing", "billing"): 20}
    assert confusion_of(store, run, "Nowhere", "open") is None


@pytest.mark.parametrize(
    ("targets", "answer", "how", "right", "otherwise"),
    [
        (("Bug", "billing"), lambda label: f"{label}.", Matching.EXACT, 0, 40),
        (("Bug", "billing"), lambda label: f"{label}.", Matching.LABEL, 40, 0),
        ((True, False), lambda label: "Yes" if label == "True" else "No", None, 40, 0),
        ((12, 7), lambda label: f"{label}.0", None, 40, 0),
    ],
)
def test_right_is_what_the_score_says(
    store: Store,
    tmp_path: Path,
    targets: tuple[Json, Json],
    answer: Callable[[str], str],
    how: Matching | None,
    right: int,
    otherwise: int,
) -> None:
    rows = [
        call(n, f"Sort ticket {n} of {targets[n % 2]}", str(targets[n % 2]), target=targets[n % 2]) for n in range(40)
    ]
    _, run, _ = replayed(
        store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda body: answer(asked(body).split()[-1])}
    )
    case = list_use_cases(store, run.study_id)[0]
    change(store, case, kind=Kind.CLASSIFICATION)
    if how is not None:
        set_match(store, case, Match(how=how))
    score_run(store, run)
    found = confusion_of(store, run, "Triage", "open")
    assert found is not None
    scores = load_scores(store, run.id, scorers=["target"], model_ids=run.plan.model_ids)
    assert (found.n, found.scored, found.right, found.otherwise) == (40, 40, right, otherwise)
    assert found.right == sum(bool(score.passed) for score in scores.values())
    assert {right for right, given in found.counts if right == given} == set(found.labels)
    assert all(right == given for right, given in found.counts)


def test_a_long_run_is_read_in_parts(store: Store, tmp_path: Path) -> None:
    rows = [call(n, f"Sort ticket {n}, please.", "billing", target="billing") for n in range(MOST_IDS + 10)]
    _, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: "billing"})
    longest = 0

    @event.listens_for(store.engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, given: Sized, *_: object) -> None:
        nonlocal longest
        if "FROM generation" in statement:
            longest = max(longest, len(given))

    found = confusion_of(store, run, "Triage", "open")
    assert found is not None
    assert (found.n, found.right) == (MOST_IDS + 10, MOST_IDS + 10)
    assert MOST_IDS <= longest < MOST_IDS + 10
