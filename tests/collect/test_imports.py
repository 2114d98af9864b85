"""Importing through the worker, beside other writers, all of it or nothing."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from advisor.collect import storing
from advisor.collect.grouping import group_study
from advisor.collect.import_jobs import file_import
from advisor.collect.imports import ImportOptions, ImportStopped, import_logs
from advisor.collect.intake import new_sample
from advisor.collect.storing import REJECTIONS_TOLD
from advisor.collect.use_cases import change, merge
from advisor.errors import AdvisorError, BadInput, StoreError
from advisor.jobs.work import work
from advisor.store import Store
from advisor.store.deletion import delete_study, remove_rows
from advisor.store.jobs import get_job, stop_job
from advisor.store.log.imports import LogWriter
from advisor.store.log.logs import list_logs, list_not_replayable, list_rejections, load_sample_facts, load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.log_tables import GroupRow, LogRow, SampleRow, SampleTextRow, UseCaseRow
from advisor.store.studies import change_study, create_study, find_study, list_studies
from advisor.types import JobPhase, Progress, Request, Sample, Status
from tests.made.log import call, write_log

BATCH = 500
LONG = 2 * BATCH + 100
"""Rows of a log that is stored in three batches."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "BATCH", BATCH)


class Interrupted(BaseException):
    """Stands for Ctrl-C."""


def count(store: Store, table: Any) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def labelled(label: str, start: int, size: int = 20) -> list[dict[str, Any]]:
    return [call(n, metadata={"use_case": label}) for n in range(start, start + size)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.jsonl", [call(n) for n in range(2300)])


@pytest.fixture
def long_log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "long.jsonl", [call(n) for n in range(LONG)])


def interrupted_at(store: Store, paths: list[Path]) -> None:
    """An import that ends as by Ctrl-C once some calls are stored."""

    def interrupt(now: Progress) -> None:
        if count(store, SampleRow):
            raise Interrupted

    with pytest.raises(Interrupted):
        import_logs(store, "Mine", paths, ImportOptions(redact=False), on_progress=interrupt)


def test_a_file_that_is_named_twice_is_read_once(store: Store, tmp_path: Path, log: Path) -> None:
    (tmp_path / "link.jsonl").symlink_to(log)
    report = import_logs(store, "Mine", [log, tmp_path / "link.jsonl", str(log)], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted, report.counts.duplicates) == (2300, 2300, 0)
    assert report.files.repeated == ["link.jsonl", "log.jsonl"]


def test_the_second_of_two_copies_brings_duplicates_also_after_an_interruption(
    any_store: Store, tmp_path: Path, long_log: Path
) -> None:
    copy = tmp_path / "copy" / long_log.name
    copy.parent.mkdir()
    copy.write_bytes(long_log.read_bytes())
    interrupted_at(any_store, [long_log, copy])
    report = import_logs(any_store, "Mine", [long_log, copy], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted, report.counts.duplicates) == (2 * LONG, LONG, LONG)
    logs = list_logs(any_store, find_study(any_store, "Mine").id)
    assert sorted((each.accepted, each.duplicates) for each in logs) == [(0, LONG), (LONG, 0)]


def test_a_file_that_changed_is_not_gone_on_with(store: Store, long_log: Path) -> None:
    interrupted_at(store, [long_log])
    before = long_log.stat().st_size
    lines = long_log.read_text().splitlines(keepends=True)
    long_log.write_text("".join(lines[:1000]) + "".join(line.replace("Question", "Querying") for line in lines[1000:]))
    assert long_log.stat().st_size == before
    report = import_logs(store, "Mine", [long_log], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted, count(store, SampleRow)) == (LONG, LONG, LONG)
    with store.read() as session:
        texts = [str(request) for request in session.scalars(select(SampleTextRow.request))]
    assert sum("Question" in text for text in texts) == 1000


def test_only_one_import_into_a_study_at_a_time(any_store: Store, log: Path, long_log: Path) -> None:
    refusals: list[str] = []

    def second(now: Progress) -> None:
        if not refusals and count(any_store, SampleRow):
            for path in (long_log, log):
                with pytest.raises(StoreError, match="Another import into Mine is running") as refused:
                    import_logs(any_store, "Mine", [path], ImportOptions(redact=False))
                refusals.append(str(refused.value))
            import_logs(any_store, "Other", [log], ImportOptions(redact=False))

    report = import_logs(any_store, "Mine", [long_log], ImportOptions(redact=False), on_progress=second)
    assert (report.counts.accepted, len(refusals)) == (LONG, 2)
    assert import_logs(any_store, "Mine", [long_log], ImportOptions(redact=False)).counts.duplicates == LONG


def test_the_report_names_so_many_rejected_rows_of_all_files(store: Store, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl")]
    for start, path in enumerate(paths):
        write_log(path, [call(start)])
        with path.open("a") as file:
            file.write("[]\n" * 700)
    report = import_logs(store, "Mine", paths, ImportOptions(redact=False))
    assert (report.counts.rejected, len(report.rejections)) == (1400, REJECTIONS_TOLD)
    assert {label for label, _ in report.rejections} == {"a.jsonl", "b.jsonl"}


def test_large_rows_are_stored_before_they_are_many(store: Store, tmp_path: Path) -> None:
    path = write_log(tmp_path / "large.jsonl", [call(n, f"Large {n} " + "x" * 2**20) for n in range(25)])
    seen: set[int] = set()
    import_logs(
        store, "Mine", [path], ImportOptions(redact=False), on_progress=lambda _: seen.add(count(store, SampleRow))
    )
    assert {8, 16} <= seen


def test_very_many_digests_are_asked_for(any_store: Store) -> None:
    study = create_study(any_store, "Mine")
    writer = LogWriter(any_store, study.id, name="log", format="table", redacted=False)
    sample = new_sample(Sample(request=Request(messages=[{"role": "user", "content": "x"}])), "7" * 32, None)
    writer.add([sample])
    digests = [f"{n:032x}" for n in range(260_000)]
    assert writer.known([*digests, "7" * 32]) == {"7" * 32: True}


def test_what_a_discarded_import_put_into_a_use_case_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    import_logs(store, "Mine", [write_log(tmp_path / "1.jsonl", labelled("Old", 0))], ImportOptions(redact=False))
    more = write_log(tmp_path / "2.jsonl", labelled("OLD", 100) + labelled("New", 200))

    def is_grouped() -> bool:
        with store.read() as session:
            return bool(session.scalar(select(func.count()).where(LogRow.complete.is_(False), LogRow.rows > 0)))

    with pytest.raises(ImportStopped):
        import_logs(store, "Mine", [more], ImportOptions(redact=False), is_stopped=is_grouped)
    with store.read() as session:
        assert [group.label for group in session.scalars(select(GroupRow))] == ["Old"]
    assert count(store, UseCaseRow) == 1


def test_a_stop_is_heard_while_calls_are_grouped(store: Store, log: Path) -> None:
    import_logs(store, "Mine", [log], ImportOptions(redact=False))
    study = find_study(store, "Mine")
    with store.write(None) as session:
        session.execute(update(GroupRow).values(use_case_id=None))

    def stop() -> None:
        raise ImportStopped

    with pytest.raises(ImportStopped):
        group_study(store, study.id, check=stop)


def test_a_worker_imports_more_rows_than_a_batch(store: Store, log: Path) -> None:
    job = file_import(store, "Mine", [log], ImportOptions(redact=True, traffic_share=0.5))
    work(store, once=True)
    done = get_job(store, job.id)
    assert done is not None
    assert (done.status, done.error) == (Status.SUCCEEDED, None)
    assert (done.result["rows"], done.result["accepted"]) == (2300, 2300)
    study = find_study(store, "Mine")
    assert study.traffic_share == 0.5
    assert len(load_sample_facts(store, study.id)) == 2300


def test_others_write_while_an_import_runs_and_see_nothing_of_it(any_store: Store, long_log: Path) -> None:
    seen: list[tuple[int, ...]] = []

    def other(now: Progress) -> None:
        if now.phase is JobPhase.READING:
            study = find_study(any_store, "Mine")
            change_study(any_store, study.id, margin=0.1)
            visible = (list_logs, load_sample_facts, list_use_cases)
            seen.append((count(any_store, SampleRow), *(len(look(any_store, study.id)) for look in visible)))

    import_logs(any_store, "Mine", [long_log], ImportOptions(redact=False), on_progress=other)
    assert {stored for stored, *_ in seen} == {0, BATCH, 2 * BATCH}
    assert {tuple(visible) for _, *visible in seen} == {(0, 0, 0)}
    study = find_study(any_store, "Mine")
    (use_case,) = list_use_cases(any_store, study.id)
    assert (use_case.calls.total, list_logs(any_store, study.id)[0].accepted, study.margin) == (LONG, LONG, 0.1)


def test_an_interrupted_import_is_unseen_and_goes_on_where_it_was(any_store: Store, long_log: Path) -> None:
    interrupted_at(any_store, [long_log])
    study = find_study(any_store, "Mine")
    assert list_logs(any_store, study.id) == []
    assert load_sample_facts(any_store, study.id).empty
    with any_store.read() as session:
        kept = set(session.scalars(select(SampleRow.id)))
    assert len(kept) == BATCH
    report = import_logs(any_store, "Mine", [long_log], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted, report.counts.duplicates) == (LONG, LONG, 0)
    with any_store.read() as session:
        assert kept < set(session.scalars(select(SampleRow.id))), "stored rows were stored again"
    assert count(any_store, SampleRow) == LONG


def test_another_import_sweeps_what_an_interrupted_one_left(store: Store, long_log: Path, log: Path) -> None:
    interrupted_at(store, [long_log])
    report = import_logs(store, "Mine", [log], ImportOptions(redact=False))
    assert (report.counts.accepted, count(store, SampleRow)) == (2300, 2300)


def test_a_stopped_import_leaves_nothing(any_store: Store, long_log: Path) -> None:
    with pytest.raises(ImportStopped, match="nothing of it is kept"):
        import_logs(
            any_store,
            "Mine",
            [long_log],
            ImportOptions(redact=False),
            is_stopped=lambda: count(any_store, SampleRow) > 0,
        )
    assert list_studies(any_store) == []
    tables = (LogRow, SampleRow, SampleTextRow, GroupRow, UseCaseRow)
    assert {count(any_store, table) for table in tables} == {0}


def test_an_import_stopped_at_its_very_end_leaves_nothing(store: Store, log: Path) -> None:
    def is_counted() -> bool:
        with store.read() as session:
            return bool(session.scalar(select(func.count()).where(LogRow.rows > 0)))

    with pytest.raises(ImportStopped):
        import_logs(store, "Mine", [log], ImportOptions(redact=False), is_stopped=is_counted)
    assert list_studies(store) == []


def test_a_person_stops_an_import_that_the_worker_does(store: Store, long_log: Path) -> None:
    job = file_import(store, "Mine", [long_log], ImportOptions(redact=False))
    stop_job(store, job.id)
    work(store, once=True)
    done = get_job(store, job.id)
    assert done is not None
    assert done.status is Status.CANCELLED
    assert list_studies(store) == []


def test_when_the_second_file_fails_the_first_goes_too(any_store: Store, tmp_path: Path, long_log: Path) -> None:
    old = write_log(tmp_path / "old.jsonl", labelled("Old", 5000))
    first = write_log(tmp_path / "first.jsonl", labelled("New", 6000))
    import_logs(any_store, "Mine", [old], ImportOptions(redact=False, traffic_share=0.5))

    def fail(now: Progress) -> None:
        if count(any_store, SampleRow) > 40:
            raise BadInput("the disk is gone")

    with pytest.raises(BadInput, match="disk is gone"):
        import_logs(
            any_store, "Mine", [first, long_log], ImportOptions(redact=False, traffic_share=0.1), on_progress=fail
        )
    study = find_study(any_store, "Mine")
    assert [found.name for found in list_logs(any_store, study.id)] == ["old.jsonl"]
    assert [case.name for case in list_use_cases(any_store, study.id)] == ["Old"]
    assert (study.traffic_share, count(any_store, SampleRow), count(any_store, UseCaseRow)) == (0.5, 20, 1)


def test_the_leftovers_of_a_killed_import_are_unseen_and_removed(any_store: Store, log: Path) -> None:
    study = create_study(any_store, "Mine")
    left = LogWriter(any_store, study.id, name="log.jsonl", format="openai_chat", redacted=False)
    sample = Sample(request=Request(messages=[{"role": "user", "content": "x"}]), use_case="Half", not_replayable="why")
    left.add([new_sample(sample, "d" * 32, None)])
    assert list_logs(any_store, study.id) == []
    assert list_use_cases(any_store, study.id) == []
    assert list_not_replayable(any_store, study.id) == {}
    assert load_sample_facts(any_store, study.id).empty
    import_logs(any_store, "Mine", [log], ImportOptions(redact=False))
    assert count(any_store, SampleRow) == 2300
    assert [case.name for case in list_use_cases(any_store, study.id)] == ["Triage"]
    with pytest.raises(StoreError, match="another import"):
        left.add([])


def test_a_study_deleted_meanwhile_ends_the_import_in_words(store: Store, long_log: Path) -> None:
    def delete(now: Progress) -> None:
        if count(store, SampleRow) and list_studies(store):
            delete_study(store, find_study(store, "Mine").id)

    with pytest.raises(AdvisorError, match="study was deleted"):
        import_logs(store, "Mine", [long_log], ImportOptions(redact=False), on_progress=delete)
    assert remove_rows(store, 1)
    assert count(store, SampleRow) == 0


def test_renamed_and_merged_use_cases_take_the_rows_of_the_next_log(any_store: Store, tmp_path: Path) -> None:
    rows = [row for start, label in ((0, "a"), (100, "b"), (200, "c")) for row in labelled(label, start)]
    more = [row for start, label in ((300, "a"), (400, "b"), (500, "c")) for row in labelled(label, start)]
    import_logs(any_store, "Mine", [write_log(tmp_path / "1.jsonl", rows)], ImportOptions(redact=False))
    study = find_study(any_store, "Mine")
    cases = {case.name: case for case in list_use_cases(any_store, study.id)}
    change(any_store, cases["a"], name="Billing")
    merge(any_store, cases["c"], cases["b"])
    merge(any_store, cases["b"], cases["b"])
    import_logs(any_store, "Mine", [write_log(tmp_path / "2.jsonl", more)], ImportOptions(redact=False))
    assert {case.name: case.calls.total for case in list_use_cases(any_store, study.id)} == {"b": 80, "Billing": 40}


def test_the_same_log_again_is_all_duplicates(store: Store, log: Path) -> None:
    import_logs(store, "Mine", [log], ImportOptions(redact=True))
    report = import_logs(store, "Mine", [log], ImportOptions(redact=True))
    assert (report.counts.rows, report.counts.accepted, report.counts.duplicates) == (2300, 0, 2300)


def test_characters_that_no_database_takes_stop_nothing(any_store: Store, tmp_path: Path) -> None:
    rows = [call(n) for n in range(6)]
    rows[1]["session_id"] = "s\0\ud83d"
    rows[2]["request"]["messages"][0]["content"] = "half \ud83d and \0"
    rows[3]["metadata"] = {"use_case": "Tri\0age"}
    rows[4]["request"]["seed"] = 10**40
    rows[5]["request"]["messages"][0]["content"] = [{"type": "text", "text": "\ud83d\ude00"}]
    path = write_log(tmp_path / "odd.jsonl", rows)
    report = import_logs(any_store, "Mine", [path], ImportOptions(redact=True))
    study = find_study(any_store, "Mine")
    assert (report.counts.accepted, report.counts.rejected) == (6, 0), list_rejections(
        any_store, list_logs(any_store, study.id)[0].id
    )
    samples = list(load_samples(any_store, load_sample_facts(any_store, study.id)["id"]))
    assert samples[1].ids.session == "s\ufffd"
    assert samples[2].request.messages[0]["content"] == "half \ufffd and "
    assert samples[3].use_case == "Triage"
    assert samples[5].request.messages[0]["content"] == "\U0001f600"


def test_half_an_emoji_in_a_cell_stops_nothing(any_store: Store, tmp_path: Path) -> None:
    cell = '[{""role"": ""user"", ""content"": ""Hi \\ud83d \\u0000 there""}]'
    literal = "[{'role': 'user', 'content': 'Hey \\ud83d \\x00 there', 'x': None}]"
    path = tmp_path / "cells.csv"
    path.write_text(f'messages,answer\n"{cell}",yes\n"{literal}",no\n"[{{\'role\': {{1}}}}]",?\n"nothing",b\n')
    report = import_logs(any_store, "Mine", [path], ImportOptions(redact=False))
    assert (report.counts.rows, report.counts.accepted + report.counts.rejected) == (4, 4)
    study = find_study(any_store, "Mine")
    texts = [
        s.request.messages[0]["content"] for s in load_samples(any_store, load_sample_facts(any_store, study.id)["id"])
    ]
    assert texts[:2] == ["Hi \ufffd  there", "Hey \ufffd  there"]


def test_nothing_personal_stays_in_any_column(store: Store, tmp_path: Path) -> None:
    rows = [
        call(
            n,
            session_id=f"user{n % 2}@example.org",
            metadata={"use_case": "Mail of boss@example.org"},
            id=f"row of user{n}@example.org",
        )
        for n in range(12)
    ]
    for row in rows[:3]:
        row.update(status_code=400, response={"error": {"message": "refused for dana@example.org"}})
    rows[3]["request"]["messages"][0]["role"] = "eve@example.org"
    rows[4]["request"]["messages"][0]["name"] = "carl@example.org"
    report = import_logs(store, "Mine", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=True))
    with store.read() as session:
        stored = [
            repr(tuple(row))
            for table in (SampleRow, SampleTextRow, UseCaseRow)
            for row in session.execute(select(table.__table__))
        ]
    assert report.counts.accepted == 11
    assert "@example" not in "".join(stored) + repr(report.rejections)
    study = find_study(store, "Mine")
    assert list_not_replayable(store, study.id) == {"the logged request was refused by the provider": 3}
    assert load_sample_facts(store, study.id)["session"].nunique() == 2, "two persons stay two"
    assert [case.name for case in list_use_cases(store, study.id)] == ["Mail of <EMAIL_1>"]
