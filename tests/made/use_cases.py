"""What was found in the logs of a study, and what the sample log holds in truth."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.types import Study, UseCase

SAMPLE_LOG = Path(__file__).resolve().parent.parent.parent / "data" / "sample" / "helpdesk.jsonl"

Row = dict[str, Any]


def sample_rows(change: Callable[[Row], None]) -> list[Row]:
    """The rows of the sample log, each changed."""
    rows = [json.loads(line) for line in SAMPLE_LOG.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        change(row)
    return rows


def true_use_cases() -> dict[str, str]:
    """What each call of the sample log is for, by its id: its tags are the truth."""
    return {row["id"]: row["metadata"]["use_case"] for row in sample_rows(lambda row: None)}


def without_label(row: Row) -> None:
    """Nothing is left that says what the call was for but its words."""
    del row["metadata"]


def members(store: Store, study: Study, by: str = "external_id") -> dict[str, set[str]]:
    """The calls of each use case, by its name; told by their ids in the log or by their ``digest``."""
    mark = getattr(SampleRow, by)
    query = select(UseCaseRow.name, mark).join(GroupRow, GroupRow.use_case_id == UseCaseRow.id)
    query = query.join(SampleRow, SampleRow.group_id == GroupRow.id).where(UseCaseRow.study_id == study.id)
    found: dict[str, set[str]] = defaultdict(set)
    with store.read() as session:
        for name, call in session.execute(query):
            found[name].add(call)
    return dict(found)


def snapshot(store: Store, study: Study) -> tuple[list[UseCase], dict[str, set[str]]]:
    """All that a person sees of the use cases, and all that is in them."""
    return list_use_cases(store, study.id), members(store, study, by="digest")


def share_right(found: Mapping[str, set[str]], truth: Mapping[str, str]) -> float:
    """The share of calls in the right place, when each true use case is matched with one found use case at most."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    purposes = sorted(set(truth.values()))
    counts = [Counter(truth[call] for call in calls) for calls in found.values()]
    shared = np.array([[count[purpose] for purpose in purposes] for count in counts])
    rows, columns = linear_sum_assignment(-shared)
    return float(shared[rows, columns].sum() / sum(len(calls) for calls in found.values()))
