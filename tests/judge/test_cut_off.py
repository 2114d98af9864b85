"""What pages ask and what a person changes while an import runs, or after one was cut off: every call stays counted."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from advisor.collect.grouping import group_study
from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import list_parts, merge, preview_split, split_by_words
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.studies import find_study
from advisor.types import JobPhase, Progress, Study, UseCase
from tests.made.log import call, write_log
from tests.made.use_cases import Row, members

ABOUT = ("please send the refund of invoice", "the courier lost the parcel, track shipment")


class Killed(BaseException):
    """Stands for the end of the process."""


def rows(start: int, label: str = "Support", size: int = 40) -> list[Row]:
    """Calls with one label about two things in turn."""
    return [
        call(n, f"{ABOUT[n % 2]} {n}", id=f"{label} {n}", metadata={"use_case": label})
        for n in range(start, start + size)
    ]


def imported(store: Store, tmp_path: Path, made: list[Row], **more: Any) -> Study:
    log = write_log(tmp_path / f"{made[0]['id']}.jsonl", made)
    import_logs(store, "x", [log], ImportOptions(redact=False), **more)
    return find_study(store, "x")


def cut_off(store: Store, tmp_path: Path, made: list[Row]) -> Study:
    """An import that stored all of its rows and was killed before it grouped them."""

    def kill(now: Progress) -> None:
        if now.phase is JobPhase.GROUPING:
            raise Killed

    with pytest.raises(Killed):
        imported(store, tmp_path, made, on_progress=kill)
    return find_study(store, "x")


def first(store: Store, study: Study) -> UseCase:
    return list_use_cases(store, study.id)[0]


def counts(store: Store, study: Study) -> dict[str, int]:
    return {case.name: case.calls.total for case in list_use_cases(store, study.id)}


def there(store: Store, study: Study) -> dict[str, int]:
    return {name: len(calls) for name, calls in members(store, study).items()}


@contextmanager
def killed_after(store: Store, commits: int) -> Iterator[None]:
    left = commits

    def count(_: Connection) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    event.listen(store.engine, "commit", count)
    try:
        yield
    finally:
        event.remove(store.engine, "commit", count)


@contextmanager
def before_the_next_change(store: Store, do: Callable[[], object]) -> Iterator[None]:
    """Something that another process does just before a transaction that writes."""
    done: list[bool] = []

    def interfere(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement == "BEGIN IMMEDIATE" and not done:
            done.append(True)
            do()

    event.listen(store.engine, "before_cursor_execute", interfere)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", interfere)


def test_a_split_that_is_killed_anywhere_loses_no_call(store: Store, tmp_path: Path) -> None:
    study = imported(store, tmp_path, rows(0))
    for commits in range(20):
        try:
            with killed_after(store, commits):
                split_by_words(store, study, first(store, study), 2)
        except Killed:
            imported(store, tmp_path, rows(1000 * (commits + 1), "Other", 20))
            assert counts(store, study) == there(store, study)
        else:
            break
    imported(store, tmp_path, rows(100))
    assert counts(store, study) == there(store, study)
    assert sorted(counts(store, study).values())[-2:] == [40, 40]


def test_what_is_imported_while_a_person_splits_is_told_apart_by_the_next_import(store: Store, tmp_path: Path) -> None:
    study = imported(store, tmp_path, rows(0))
    case = first(store, study)
    with before_the_next_change(store, lambda: imported(store, tmp_path, rows(100, size=60))):
        split_by_words(store, study, case, 2)
    assert counts(store, study) == there(store, study)
    assert sorted(counts(store, study).values()) == [20, 80]
    imported(store, tmp_path, rows(1000, "Other", 20))
    assert counts(store, study) == there(store, study)
    assert sorted(counts(store, study).values()) == [20, 50, 50]


def test_a_page_sees_nothing_of_an_import_that_was_cut_off(any_store: Store, tmp_path: Path) -> None:
    store, study = any_store, imported(any_store, tmp_path, rows(0))
    cut_off(store, tmp_path, rows(100, size=60))
    case = first(store, study)
    assert [part.calls for part in list_parts(store, study, case)] == [40]
    assert [part.calls for part in preview_split(store, study, case, 2)] == [20, 20]
    split_by_words(store, study, case, 2)
    assert sorted(counts(store, study).values()) == [20, 20]
    imported(store, tmp_path, rows(100, size=60))
    assert sorted(counts(store, study).values()) == [50, 50]
    assert counts(store, study) == there(store, study)


def test_calls_follow_a_use_case_that_is_merged_while_they_are_grouped(store: Store, tmp_path: Path) -> None:
    study = imported(store, tmp_path, [*rows(0), *rows(500, "Billing", 60)])
    cut_off(store, tmp_path, rows(100, "support"))
    billing, support = list_use_cases(store, study.id)

    def meanwhile() -> None:
        if len(list_use_cases(store, study.id)) == 2:
            merge(store, support, billing)

    group_study(store, study.id, check=meanwhile)
    assert there(store, study) == {"Billing": 140}


@pytest.mark.slow
def test_grouping_holds_few_calls_at_a_time(store: Store, tmp_path: Path) -> None:
    import sklearn.feature_extraction.text  # noqa: F401 - not counted

    made = [call(n, f"Question {n} " + "of many words " * 8000, metadata={}, id=f"r{n}") for n in range(200)]
    study = cut_off(store, tmp_path, made)
    tracemalloc.start()
    group_study(store, study.id)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert list(there(store, study).values()) == [200]
    assert peak < 12e6, "of 22 MB"
