"""Adding logs in short transactions: nobody sees a log before its import is complete."""

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from advisor.errors import StoreError
from advisor.store.engine import Change, Store, in_parts
from advisor.store.log.groups import add_group, drop_empty, is_empty
from advisor.store.log_tables import GroupRow, LogRow, RejectionRow, SampleRow, UseCaseRow
from advisor.store.studies import IS_THERE, incomplete_logs
from advisor.store.tables import StudyRow
from advisor.types import GroupKey, NewSample, Rejection, Usage

BATCH = 1000
LARGE_CACHE = "PRAGMA cache_size = -32000"
"""With checkpoints every 16 MB it lets a large import write a third faster."""

FACTS = (
    "request_digest", "near_digest", "external_id", "session", "model", *Usage.__dataclass_fields__,
    "logged_cost_usd", "cost_usd", "price_source", "latency_s", "ttft_s", "at", "has_answer", "has_target", "error",
    "not_replayable",
)  # fmt: skip
"""The columns of a sample but for ids, group and digest."""


class LogWriter:
    """Adds one log batch by batch, each in a short transaction of its own; it stays unseen until ``complete_logs``."""

    def __init__(
        self, store: Store, study_id: int, *, name: str, format: str, redacted: bool, fingerprint: str = ""
    ) -> None:
        """Takes over what an interrupted import of the same file left. Raises StoreError for a deleted study."""
        self._store = store
        self._study_id = study_id
        self._groups: dict[GroupKey, int] = {}
        counts = dict.fromkeys(("rows", "accepted", "duplicates", "not_replayable", "rejected"), 0)
        left = select(LogRow).where(
            LogRow.study_id == study_id, LogRow.complete.is_(False), LogRow.fingerprint == fingerprint
        )
        with store.write(study_id) as session:
            row = session.scalar(left) if fingerprint else None
            self.is_resumed = row is not None
            if row is None:
                row = LogRow(
                    study_id=study_id,
                    name=name,
                    format=format,
                    redacted=redacted,
                    redactions={},
                    imported_at=datetime.now(UTC),
                    fingerprint=fingerprint,
                    **counts,
                )
                session.add(row)
                session.flush()
            self.log_id = row.id
            session.execute(delete(RejectionRow).where(RejectionRow.log_id == row.id))

    def known(self, digests: Sequence[str]) -> dict[str, bool]:
        """Which of these digests the study holds already, and whether this log brought them."""
        query = select(SampleRow.digest, SampleRow.log_id).where(SampleRow.study_id == self._study_id)
        return {
            digest: log_id == self.log_id
            for some in in_parts(digests, BATCH)
            for digest, log_id in self._store.rows(query.where(SampleRow.digest.in_(some)))
        }

    def add(self, samples: Sequence[NewSample], rejections: Sequence[Rejection] = ()) -> None:
        """Insert samples whose digests are new, and number and reason of rows that could not be taken.

        Raises StoreError when the log was removed meanwhile.
        """
        refused = [{"log_id": self.log_id, "row": r.row, "reason": r.reason} for r in rejections]
        with self._store.write(self._study_id) as session:
            _check_there(session, [self.log_id])
            if session.get_bind().dialect.name == "sqlite":
                session.execute(text(LARGE_CACHE))
            if refused:
                session.execute(insert(RejectionRow), refused)
            if not samples:
                return
            self._find_groups(session, dict.fromkeys(new.group for new in samples))
            first = _reserve_ids(session, len(samples))
            numbered = list(enumerate(samples, first))
            study_id, log_id, groups = self._study_id, self.log_id, self._groups
            _insert_rows(
                session,
                "sample",
                ("id", "study_id", "log_id", "group_id", "digest", *FACTS),
                [(number, study_id, log_id, groups[new.group], new.digest, *new.facts) for number, new in numbered],
            )
            _insert_rows(
                session,
                "sample_text",
                ("sample_id", "request", "answer", "target"),
                [(number, new.request, new.answer, new.target) for number, new in numbered],
            )

    def remove(self, digests: Iterable[str]) -> int:
        """Delete samples that turned out to be other samples' calls again; returns how many there were."""
        removed = 0
        for some in in_parts(digests, BATCH):
            with self._store.write(self._study_id) as session:
                these = (SampleRow.log_id == self.log_id) & SampleRow.digest.in_(some)
                removed += len(session.scalars(delete(SampleRow).where(these).returning(SampleRow.id)).all())
        return removed

    def finish(self, **counts: Any) -> None:
        """Write the counts, named as in a log; ``rows = accepted + rejected + duplicates``."""
        change = update(LogRow).where(LogRow.id == self.log_id).values(**counts)
        self._store.execute(self._study_id, Change.OTHER, change)

    def _find_groups(self, session: Session, keys: Iterable[GroupKey]) -> None:
        missing = {_key_text(key): key for key in keys if key not in self._groups}
        if not missing:
            return
        query = select(GroupRow.key, GroupRow.id).where(GroupRow.study_id == self._study_id)
        there = {
            name: group_id
            for some in in_parts(missing, BATCH)
            for name, group_id in session.execute(query.where(GroupRow.key.in_(some)))
        }
        for name, key in missing.items():
            self._groups[key] = there.get(name) or add_group(session, self._study_id, name, key)


def list_digests(store: Store, study_id: int) -> Iterator[str]:
    """The digest of every sample of a study."""
    query = select(SampleRow.digest).where(SampleRow.study_id == study_id).execution_options(yield_per=10_000)
    with store.read() as session:
        yield from session.scalars(query)


def complete_logs(store: Store, study_id: int, log_ids: Sequence[int], *, traffic_share: float | None = None) -> None:
    """Let everybody see these logs of a study, and set what share of the real traffic it holds, both at once.

    Raises StoreError when one of them was removed meanwhile.
    """
    with store.write(study_id, Change.SETUP) as session:
        _check_there(session, log_ids)
        session.execute(update(LogRow).where(LogRow.id.in_(log_ids)).values(complete=True))
        if traffic_share is not None:
            session.execute(update(StudyRow).where(StudyRow.id == study_id).values(traffic_share=traffic_share))


def discard_logs(store: Store, study_id: int, *, but: Sequence[int] = ()) -> None:
    """Remove the incomplete logs of a study with all they brought, but for those whose import is to go on.

    Only for who holds the study's lock (``only_import``): else they may be of an import that runs.
    """
    log_ids = [log_id for log_id in store.scalars(incomplete_logs(study_id)) if log_id not in but]
    if not log_ids:
        return
    some = select(SampleRow.id).where(SampleRow.log_id.in_(log_ids)).limit(BATCH)
    touched: Set[int] = {0}
    while touched:  # not at once: a long deletion would keep others from writing
        with store.write(study_id) as session:
            gone = delete(SampleRow).where(SampleRow.id.in_(some)).returning(SampleRow.group_id)
            touched = set(session.scalars(gone))
            session.execute(delete(GroupRow).where(GroupRow.id.in_(touched), is_empty()))
    with store.write(study_id, Change.SETUP) as session:
        session.execute(delete(LogRow).where(LogRow.id.in_(log_ids)))
        drop_empty(session, study_id)
        unused = ~select(GroupRow.id).where(GroupRow.use_case_id == UseCaseRow.id).exists()
        session.execute(delete(UseCaseRow).where(UseCaseRow.study_id == study_id, unused))


def _insert_rows(session: Session, table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Hand rows to the driver as they are: SQLAlchemy's binding would take longer than the database."""
    connection = session.connection()
    places = ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names of our own
    connection.exec_driver_sql(statement, rows)


def _check_there(session: Session, log_ids: Sequence[int]) -> None:
    of_study = select(LogRow.id).join(StudyRow, StudyRow.id == LogRow.study_id)
    there = session.scalars(of_study.where(LogRow.id.in_(log_ids), IS_THERE)).all()
    if len(there) != len(log_ids):
        raise StoreError(
            "The study was deleted, or another import into it started. Nothing was imported. Run one import at a time."
        )


def _key_text(key: GroupKey) -> str:
    return f"{key.shape.value}\n{key.label or ''}\n{key.template}"


def _reserve_ids(session: Session, count: int) -> int:
    """The first of ``count`` ids in a row: asking the database for each would be several times slower."""
    if session.get_bind().dialect.name == "sqlite":
        return int(session.scalar(select(func.max(SampleRow.id))) or 0) + 1
    query = text("SELECT min(nextval(pg_get_serial_sequence('sample', 'id'))) FROM generate_series(1, :count)")
    session.execute(text("SELECT pg_advisory_xact_lock(7315)"))  # so that no other import takes ids between these
    return int(session.scalar(query, {"count": count}) or 0)


def count_left(store: Store, study_name: str) -> int | None:
    """Calls that an import which did not come to its end has stored; None without such an import."""
    with store.read() as session:
        study_id = session.scalar(select(StudyRow.id).where(StudyRow.name == study_name))
        log_ids = [] if study_id is None else list(session.scalars(incomplete_logs(study_id)))
        if not log_ids:
            return None
        return session.scalar(select(func.count()).select_from(SampleRow).where(SampleRow.log_id.in_(log_ids))) or 0
