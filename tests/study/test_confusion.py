"""The confusion matrix of a classification, from stored answers."""

from pathlib import Path

from advisor.store import Store
from advisor.study.confusion import confusion_of
from advisor.types import Role
from advisor.ui.views.confusion import NONE, OTHER, confusion_table
from tests.server import Body
from tests.study.made_log import call
from tests.study.made_run import asked, replayed


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
    assert (found.n, found.right) == (60, 60 - len(wrong))
    assert found.counts["billing", "bug"] == sum(n % 3 == 0 and n // 4 % 3 == 0 for n in range(0, 60, 4))
    assert sum(n for (_, given), n in found.counts.items() if given is None) == sum(
        n // 4 % 3 != 0 for n in range(0, 60, 4)
    )
    table = confusion_table(found)
    assert int(table.drop(columns="Right label").sum().sum()) == 60
    assert NONE in table.columns
    assert OTHER not in table.columns


def test_without_right_labels_there_is_none(store: Store, tmp_path: Path) -> None:
    rows = [call(n, f"Sort ticket {n}, please.") for n in range(5)]
    _, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: "billing"})
    assert confusion_of(store, run, "Triage", "open") is None
    assert confusion_of(store, run, "Nowhere", "open") is None
