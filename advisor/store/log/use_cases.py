"""Use cases and what their answers are checked against, by judges or as right ones: what there is, and changing it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, cast, delete, func, select, update
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.columns import typed, value_of
from advisor.store.engine import Change, Store, in_parts, study_of
from advisor.store.log.groups import SPLIT, StoredGroup, add_group, put_groups
from advisor.store.log.logs import join_use_case
from advisor.store.log.traffic import count_again, move_calls
from advisor.store.log_tables import GroupRow, RubricRow, SampleRow, SampleTextRow, TrafficRow, UseCaseRow
from advisor.store.studies import incomplete_logs
from advisor.types import Check, Exchange, Kind, Match, Rubric, UseCase
from advisor.types.studies import CallCounts


def list_use_cases(store: Store, study_id: int) -> list[UseCase]:
    """The use cases of a study with their counts, the largest first."""
    counts = (
        select(
            GroupRow.use_case_id,
            func.sum(TrafficRow.calls).label("samples"),
            func.sum(TrafficRow.calls - TrafficRow.not_replayable).label("replayable"),
            func.sum(TrafficRow.with_target).label("with_target"),
            func.sum(TrafficRow.with_answer).label("with_answer"),
        )
        .join(GroupRow, GroupRow.id == TrafficRow.group_id)
        .where(GroupRow.study_id == study_id, TrafficRow.log_id.not_in(incomplete_logs(study_id)))
        .group_by(GroupRow.use_case_id)
        .subquery()
    )
    query = (
        select(UseCaseRow, counts.c.samples, counts.c.replayable, counts.c.with_target, counts.c.with_answer)
        .join(counts, counts.c.use_case_id == UseCaseRow.id)
        .where(UseCaseRow.study_id == study_id)
        .order_by(counts.c.samples.desc(), UseCaseRow.name)
    )
    return [
        value_of(
            UseCase,
            row,
            description=_description_of(row.description),
            calls=CallCounts(total=total, replayable=replayable, with_target=with_target, with_answer=with_answer),
            match=typed(Match | None, row.match),
            checks=typed(tuple[Check, ...], row.checks or ()),
        )
        for row, total, replayable, with_target, with_answer in store.rows(query)
    ]


def make_use_case(
    store: Store, study_id: int, name: str, kind: Kind, group_ids: Sequence[int], exchange: Exchange | None = None
) -> int:
    """A new use case of these groups; a number is added to a name that is taken. Returns its id."""
    with store.write(study_id, Change.SETUP) as session:
        return add_use_case(session, study_id, name, kind, group_ids, exchange)


def add_use_case(
    session: Session, study_id: int, name: str, kind: Kind, group_ids: Sequence[int], exchange: Exchange | None = None
) -> int:
    """The same as a part of a larger change."""
    description = json.dumps(asdict(exchange)) if exchange else ""
    row = UseCaseRow(study_id=study_id, name=free_name(session, study_id, name), kind=kind, description=description)
    session.add(row)
    session.flush()
    put_groups(session, group_ids, row.id)
    return row.id


def put_parts(
    session: Session,
    study_id: int,
    use_case_id: int,
    groups: Sequence[StoredGroup],
    parts: Sequence[Mapping[int, Sequence[int]]],
) -> list[list[int]]:
    """Split groups of a use case: move the calls of each part, given by the group they are in, into groups of its own.

    Returns the groups of each part; they stay in the use case.
    """
    by_id = {group.id: group for group in groups}
    moves: dict[int, Sequence[int]] = {}
    made: list[list[int]] = []
    for number, part in enumerate(parts, 1):
        made.append([])
        for group_id, ids in part.items():
            key = f"{by_id[group_id].stored_key}{SPLIT}{number}"
            new = add_group(session, study_id, key, by_id[group_id].key, use_case_id=use_case_id)
            made[-1].append(new)
            moves[new] = ids
    move_calls(session, moves)
    return made


def free_name(session: Session, study_id: int, name: str, *, but: int | None = None) -> str:
    """The name, with a number where another use case than ``but`` has it, in whatever case."""
    query = select(UseCaseRow.name).where(UseCaseRow.study_id == study_id)
    if but is not None:
        query = query.where(UseCaseRow.id != but)
    taken = {other.casefold() for other in session.scalars(query)}
    unique, number = name, 1
    while unique.casefold() in taken:
        number += 1
        unique = f"{name} ({number})"
    return unique


def set_fields(session: Session, row: UseCaseRow, changes: dict[str, Any]) -> None:
    """Set fields of a use case: name, kind, endpoint, margin, ignored, match and checks as they are stored.

    Raises BadInput for a name in use.
    """
    name = changes.get("name", row.name)
    twin = select(UseCaseRow.id).where(
        UseCaseRow.study_id == row.study_id, UseCaseRow.name == name, UseCaseRow.id != row.id
    )
    if session.scalar(twin) is not None:
        raise BadInput(f"Use case {name!r} already exists. Merge the two instead.")
    session.execute(update(UseCaseRow).where(UseCaseRow.id == row.id).values(**changes))


def move_groups(session: Session, source: UseCaseRow, target: UseCaseRow) -> None:
    """Move every group of one use case into another, also for logs to come, and delete the empty one.

    Raises BadInput for use cases of two studies.
    """
    if source.study_id != target.study_id:
        raise BadInput("These use cases are from different studies. Merge use cases of one study.")
    session.execute(update(GroupRow).where(GroupRow.use_case_id == source.id).values(use_case_id=target.id))
    session.execute(delete(UseCaseRow).where(UseCaseRow.id == source.id))


def _description_of(stored: str) -> Exchange | str:
    """0.5.0 stored a sentence, which is shown as it is."""
    if not stored.startswith("{"):
        return stored
    facts = json.loads(stored)
    return Exchange(**facts | {"kind": Kind(facts["kind"]), "names": tuple(facts["names"])})


def get_row(session: Session, use_case_id: int) -> UseCaseRow:
    """The row of a use case. Raises BadInput when it was merged or deleted."""
    row = session.get(UseCaseRow, use_case_id)
    if row is None:
        raise BadInput("This use case no longer exists. Reload the page.")
    return row


def add_rubric(store: Store, use_case_id: int, questions: Sequence[str]) -> Rubric:
    """Put a new version in force."""
    newest = select(func.max(RubricRow.version)).where(RubricRow.use_case_id == use_case_id)
    with store.write(study_of(UseCaseRow, use_case_id), Change.SETUP) as session:
        row = RubricRow(
            use_case_id=use_case_id,
            version=(session.scalar(newest) or 0) + 1,
            questions=list(questions),
            created_at=datetime.now(UTC),
        )
        session.add(row)
        return _rubric(row)


def samples_with(store: Store, study_id: int, use_case: str, words: str) -> frozenset[int]:
    """Ids of at most 10,000 samples of a use case with a request that contains ``words``; ASCII in any case."""
    request = cast(SampleTextRow.request, String)
    query = (
        join_use_case(select(SampleTextRow.sample_id), SampleTextRow.sample_id)
        .where(UseCaseRow.study_id == study_id, UseCaseRow.name == use_case)
        .where(request.icontains(json.dumps(words, ensure_ascii=False)[1:-1], autoescape=True))  # as it is stored
        .limit(10_000)
    )
    return frozenset(store.scalars(query))


def list_rubrics(store: Store, use_case_id: int) -> list[Rubric]:
    """Every version of a use case, the newest, which is in force, first."""
    query = select(RubricRow).where(RubricRow.use_case_id == use_case_id).order_by(RubricRow.version.desc())
    return [_rubric(row) for row in store.scalars(query)]


def load_rubrics(store: Store, study_id: int) -> dict[str, list[Rubric]]:
    """Every version by name of the use case, the newest first; use cases without one are left out."""
    query = (
        select(UseCaseRow.name, RubricRow)
        .join(RubricRow, RubricRow.use_case_id == UseCaseRow.id)
        .where(UseCaseRow.study_id == study_id)
        .order_by(RubricRow.version.desc())
    )
    found: dict[str, list[Rubric]] = {}
    for name, row in store.rows(query):
        found.setdefault(name, []).append(_rubric(row))
    return found


def _rubric(row: RubricRow) -> Rubric:
    return value_of(Rubric, row, questions=tuple(row.questions))


BATCH = 500


def adopt_answers(store: Store, use_case_id: int) -> int:
    """Give every call of a use case without a reference answer its recorded one; returns how many got one."""
    wanted = (
        select(SampleRow.id, SampleRow.log_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .where(GroupRow.use_case_id == use_case_id, SampleRow.has_answer, SampleRow.has_target.is_(False))
        .where(SampleRow.error.is_(None))
    )
    adopted: list[int] = []
    with store.write(study_of(UseCaseRow, use_case_id), Change.SETUP) as session:
        found = session.execute(wanted).all()
        for ids in in_parts([row.id for row in found], BATCH):
            texts = session.execute(
                select(SampleTextRow.sample_id, SampleTextRow.answer).where(SampleTextRow.sample_id.in_(ids))
            )
            rights = {
                id_: answer["text"].strip() for id_, answer in texts if answer and (answer.get("text") or "").strip()
            }
            if not rights:
                continue
            session.execute(
                update(SampleTextRow), [{"sample_id": id_, "target": right} for id_, right in rights.items()]
            )
            session.execute(update(SampleRow).where(SampleRow.id.in_(rights)).values(has_target=True))
            adopted += rights
        if adopted:
            count_again(session, sorted({row.log_id for row in found}))
    return len(adopted)
