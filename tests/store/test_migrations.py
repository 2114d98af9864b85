"""A database of version 6, as 0.5.0 wrote it, is lifted with all its rows, or stays as it was."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import make_url

from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import StoreError
from advisor.judge.scored_with import unchecked_warnings
from advisor.store import Store, migrations
from advisor.store.columns import CALL_KEY, Base
from advisor.store.deletion import delete_study, remove_rows
from advisor.store.jobs import list_jobs
from advisor.store.log.groups import read_these
from advisor.store.log.logs import list_logs, load_sample_facts, load_samples
from advisor.store.log.traffic import roll_up, sum_traffic
from advisor.store.log.use_cases import list_use_cases
from advisor.store.log_tables import LogRow, SampleRow, TrafficRow
from advisor.store.migrations import current_version
from advisor.store.models import add_model
from advisor.store.reports import latest_report
from advisor.store.run.generations import (
    CallKey,
    StoredGeneration,
    Subject,
    load_generations,
    save_generations,
)
from advisor.store.run.load_tests import create_load_test, get_load_test
from advisor.store.run.reviews import load_reviews
from advisor.store.run.runs import get_run
from advisor.store.run.scores import load_scores
from advisor.store.run.tallies import tally_run
from advisor.store.steps import version_7, version_8
from advisor.store.studies import create_study, find_study, list_studies
from advisor.text.scores import score_words
from advisor.types import (
    AS_LOGGED,
    AT_CONTRACT,
    ON_THIS_MACHINE,
    Answer,
    ControlKind,
    Endpoint,
    Generation,
    Kind,
    Lane,
    LoadEnd,
    Message,
    Model,
    PriceOrigin,
    PriceSource,
    Reference,
    ToolCall,
)
from advisor.types.enums import About
from tests.made.log import call, write_log

DATA = Path(__file__).parent / "data"
LOG = DATA / "version_6_log.jsonl"
"""The log that study 1 of the old database holds first."""


def engine_of(url: str) -> Engine:
    """Without our pragmas and migrations."""
    address = make_url(url)
    return create_engine(
        address.set(drivername="postgresql+psycopg") if address.get_backend_name() == "postgresql" else address
    )


def run_script(url: str, script: str) -> None:
    engine = engine_of(url)
    raw: Any = engine.raw_connection()
    (raw.driver_connection.executescript if engine.dialect.name == "sqlite" else raw.driver_connection.execute)(script)
    raw.commit()
    raw.close()
    engine.dispose()


def make_old(url: str) -> None:
    """A database as 0.5.0 left it."""
    backend = make_url(url).get_backend_name()
    parts = [(DATA / f"version_6_{name}.sql").read_text(encoding="utf-8") for name in (backend, "rows")]
    parts.append("CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (6);")
    if backend == "postgresql":
        parts += [
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}));"
            for table in re.findall(r"CREATE TABLE (\w+) \(\n    id (?:BIG)?SERIAL", parts[0])
        ]
    run_script(url, "\n".join(parts))


def rows_of(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, JSON as text."""
    engine = engine_of(url)
    found = {}
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()
            found[table] = sorted(({**row} for row in rows), key=repr)
    engine.dispose()
    return found


def schema_of(url: str) -> dict[str, Any]:
    engine = engine_of(url)
    inspector = inspect(engine)
    found = {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)},
            "key": inspector.get_pk_constraint(table),
            "indexes": sorted(inspector.get_indexes(table), key=repr),
            "unique": sorted(inspector.get_unique_constraints(table), key=repr),
            "foreign": sorted(inspector.get_foreign_keys(table), key=repr),
            "checks": inspector.get_check_constraints(table),
        }
        for table in inspector.get_table_names()
    }
    engine.dispose()
    return found


@contextmanager
def failing_at(statement: str, error: type[BaseException]) -> Iterator[None]:
    """Whoever sends this statement fails."""

    def fail(_connection: object, _cursor: object, sent: str, *_rest: object) -> None:
        if statement in sent:
            raise error("Stopped on purpose.")

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", fail)


@pytest.fixture
def old_url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An old database that takes more than one batch."""
    monkeypatch.setattr(version_7, "BATCH", 7)
    make_old(database_url)
    return database_url


@pytest.fixture
def migrated(old_url: str) -> Iterator[Store]:
    store = Store(old_url)
    yield store
    store.close()


def test_an_old_database_migrated_equals_a_fresh_one(database_url: str) -> None:
    fresh = Store(database_url)
    expected = schema_of(database_url)
    Base.metadata.drop_all(fresh.engine)
    fresh.close()
    run_script(database_url, "DROP TABLE schema_version")
    make_old(database_url)
    assert schema_of(database_url) != expected
    Store(database_url).close()
    assert schema_of(database_url) == expected
    assert rows_of(database_url)["schema_version"] == [{"version": current_version()}]


def test_every_row_is_kept(old_url: str) -> None:
    before = rows_of(old_url)
    Store(old_url).close()
    after = rows_of(old_url)
    changed = {
        "study": {"deleted", "name_prices", "shared_at", "revision", "answers_revision", "setup_revision"},
        "sample": {"request_digest", "near_digest", "price_source"},
        "job": {"phase", "subject", "done", "total"},
        "run": {"quoted", "removed_usd", "removed_judge_usd", "repeated", "fresh", "early_stop", "audited", "notices"},
        "run_sample": {"input_tokens", "output_tokens"},
        "generation": {"price_source", *CALL_KEY[4:]},
        "model": {"confirmed_key"},
        "score": {"reason", "code", "details"},
        "load_test": {"ended_because"},
    }
    for table in before.keys() - {"schema_version", "recommendation"}:
        kept = {column for row in after[table][:1] for column in row} - changed.get(table, set())
        new, old = ([{k: row[k] for k in kept} for row in rows[table]] for rows in (after, before))
        assert sorted(new, key=repr) == sorted(old, key=repr), table
    assert all(not run[option] for run in after["run"] for option in ("repeated", "audited", "fresh", "early_stop"))
    assert not any(run[option] is None for run in after["run"] for option in ("repeated", "audited", "fresh"))


@pytest.mark.parametrize("version", [1, 5])
def test_one_before_0_5_0_is_refused(database_url: str, version: int) -> None:
    make_old(database_url)
    run_script(database_url, f"UPDATE schema_version SET version = {version}")
    before = rows_of(database_url)
    with pytest.raises(StoreError, match=r"Open it once with 0\.5\.0, or set ADVISOR_DATABASE_URL to a new database"):
        Store(database_url)
    assert rows_of(database_url) == before


def test_what_people_see_is_the_same(migrated: Store) -> None:
    study = find_study(migrated, "Support's")
    cases = {case.name: case for case in list_use_cases(migrated, study.id)}
    sorting = cases["Ticket sorting"]
    assert (sorting.calls.total, sorting.calls.with_target, sorting.endpoint, sorting.margin) == (
        14,
        5,
        Endpoint.TARGET,
        0.02,
    )
    assert (cases["Refunds"].kind, cases["Refunds"].calls.total, cases["Refunds"].calls.replayable) == (
        Kind.TOOL_USE,
        7,
        6,
    )
    assert len(cases) == 2
    facts = load_sample_facts(migrated, study.id)
    assert dict(facts["use_case"].value_counts()) == {"Ticket sorting": 14, "Refunds": 7}
    first, tool = load_samples(migrated, [1, 15])
    assert first.request.messages[1] == {"role": "user", "content": "Ticket 0: the bill is wrong"}
    assert (first.use_case, first.reference, first.answer) == (
        "Ticket sorting",
        Reference("billing"),
        Answer(text="billing", finish_reason="stop"),
    )
    assert tool.answer is not None
    assert tool.answer.tool_calls == (ToolCall(name="refund", arguments='{"id": "0"}'),)
    tally = tally_run(migrated, 1)
    assert (tally.planned, tally.succeeded, tally.failed, tally.judge.succeeded) == (5, 3, 1, 1)
    assert tally.oldest_at is not None
    assert tally.oldest_at.tzinfo is UTC
    assert tally.cost_usd == pytest.approx(1.5)
    assert len(load_scores(migrated, 1)) == 2
    assert load_reviews(migrated, 1)[0][3] == "Ann"
    assert latest_report(migrated, study.id) is None, "it is decided anew, from what is stored"
    assert [job.wanted for job in list_jobs(migrated, study.id)] == [None]


EXPLAINED = {
    "empty": "",
    "tools": "called pay, not cancel; closest of 2",
    "pairwise": "A is kinder; B is not / Because.",
}
"""What version 7 wrote of each scorer."""


def test_explanations_keep_their_words(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_old(database_url)
    with monkeypatch.context() as older:
        older.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:1])
        store = Store(database_url)
        add = text(
            "INSERT INTO score (run_id, sample_id, model_id, scorer, value, passed, explanation) "
            "VALUES (1, 1, 0, :scorer, 0, NULL, :words)"
        )
        unchecked = {"unchecked": [["Refunds", "validity", 3, "the schema cannot be used: it is odd"]]}
        with store.engine.begin() as connection:
            connection.execute(text("DELETE FROM score"))
            connection.execute(add, [{"scorer": name, "words": words} for name, words in EXPLAINED.items()])
            set_unchecked = text("UPDATE run SET scored_with = :stored WHERE id = 1")
            connection.execute(set_unchecked, {"stored": json.dumps(unchecked)})
        store.close()
    store = Store(database_url)
    assert {key.scorer: score_words(score) for key, score in load_scores(store, 1).items()} == EXPLAINED
    (warning,) = unchecked_warnings(get_run(store, 1).scored_with)
    assert warning.values["findings"] == [["not_checked", ["the schema cannot be used: it is odd"], 0]]
    store.close()


SUBJECTS = {
    "7:candidate": Subject(About.PAIR, 7),
    "7:baseline:r3": Subject(About.PAIR, 7, candidate_first=False, rubric=3),
    "+repeat:candidate:r1": Subject(About.REPEAT, rubric=1),
    "+audit:0": Subject(About.AUDIT),
    "+audit:7": Subject(About.AUDIT, 7),
    "+control:entity:baseline:r2:p2": Subject(
        About.CONTROL, candidate_first=False, rubric=2, control=ControlKind.ENTITY, prompt="2"
    ),
    "+control:claim:candidate:s12:p2": Subject(About.CONTROL, control=ControlKind.CLAIM, task=12, prompt="2"),
    "+padded:candidate": Subject(About.CONTROL, control=ControlKind.PADDED),
    "+same:candidate": Subject(About.OTHER),
}
"""What version 8 and 0.5.0 wrote, and what it becomes."""


def test_subjects_become_columns(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_old(database_url)
    with monkeypatch.context() as older:
        older.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:2])
        store = Store(database_url)
        add = text(
            "INSERT INTO generation (run_id, sample_id, lane, model_id, epoch, subject, waited_s, attempts, at) "
            "VALUES (1, 3, 'judge', 2, 1, :subject, 0, 1, '2026-11-04 12:00:00')"
        )
        with store.engine.begin() as connection:
            connection.execute(add, [{"subject": subject} for subject in SUBJECTS])
            connection.execute(text("CREATE TABLE procrastinate_jobs (task_name VARCHAR)"))
            connection.execute(text("INSERT INTO procrastinate_jobs VALUES ('replay'), ('other')"))
        store.close()
    store = Store(database_url)
    keys = [key for key, _ in load_generations(store, 1, lanes=[Lane.JUDGE], sample_ids=[3])]
    assert [key.subject for key in keys] == list(SUBJECTS.values())
    assert keys[0] == CallKey(3, Lane.JUDGE, 2, 1, Subject(About.PAIR, 7))
    again = StoredGeneration(key=keys[0], generation=Generation())
    assert save_generations(store, get_run(store, 1), [again, replace(again, key=keys[0]._replace(epoch=2))]) == 1
    with store.read() as session:
        assert session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all() == ["other"]
    store.close()


OF_LIST = PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")
OF_COPY = PriceSource(origin=PriceOrigin.GENAI_PRICES, version="of 2026-11-20 (1a2b3c)")
OF_HOST = PriceSource(origin=PriceOrigin.LITELLM, version="1.80.0")
OF_MAKER = PriceSource(origin=PriceOrigin.MODEL_PRICES, version="0.0.5 (of 2026-10-23)")
CHECKED = PriceSource(origin=PriceOrigin.OVERRIDE, version="2026-11-26", note="https://example.com/a,b")
SOURCES = {
    "as logged": AS_LOGGED,
    "as logged, without what is billed beside text": replace(AS_LOGGED, text_only=True),
    "price given for this study": AT_CONTRACT,
    "runs on this machine": ON_THIS_MACHINE,
    "genai-prices of 2026-11-20 (1a2b3c)": OF_COPY,
    "genai-prices 0.2.3, flex": replace(OF_LIST, tier="flex"),
    "genai-prices 0.2.3, us": replace(OF_LIST, geography="us"),
    "genai-prices 0.2.3, batch, us": replace(OF_LIST, tier="batch", geography="us"),
    "genai-prices 0.2.3, with a cache kept an hour": replace(OF_LIST, cache_1h=True),
    "genai-prices 0.2.3, us, with a cache kept an hour, without what is billed beside text": replace(
        OF_LIST, geography="us", cache_1h=True, text_only=True
    ),
    "litellm 1.80.0 price list (current price)": OF_HOST,
    "litellm 1.80.0 price list, batch (current price), us": replace(OF_HOST, tier="batch", geography="us"),
    "litellm price list of 2026-11-20 (1a2b3c) (current price)": replace(OF_HOST, version="of 2026-11-20 (1a2b3c)"),
    "own price list, checked 2026-11-26 (https://example.com/a,b)": CHECKED,
    "model-prices 0.0.5 (of 2026-10-23), batch": replace(OF_MAKER, tier="batch"),
    "paid in shells, batch": PriceSource(origin=PriceOrigin.OTHER, note="paid in shells, batch"),
}


@pytest.mark.parametrize("table", ["sample", "generation"])
def test_sources_of_prices_become_codes(old_url: str, table: str) -> None:
    """As many at a time as there are rows."""
    words = list(SOURCES)
    ids = [row["id"] for row in rows_of(old_url)[table]][: len(words)]
    some = dict(zip(ids, words[-len(ids) :], strict=True))
    for id_, source in some.items():
        run_script(old_url, f"UPDATE {table} SET price_source = '{source}' WHERE id = {id_};")
    Store(old_url).close()
    found = {row["id"]: row["price_source"] for row in rows_of(old_url)[table]}
    assert {id_: found[id_] for id_ in some} == {id_: SOURCES[source].code for id_, source in some.items()}
    assert all(PriceSource.of(found[id_]) == SOURCES[source] for id_, source in some.items())


def test_why_a_load_test_ended_keeps_its_words(any_store: Store) -> None:
    study = create_study(any_store, "Load")
    model = add_model(any_store, study.id, Model(name="m", litellm_id="openai/m"))
    limits = {"budget_usd": None, "max_ttft_p95_s": None, "max_latency_p95_s": None}
    ended, waiting = (create_load_test(any_store, study.id, model.id, stream=True, **limits) for _ in range(2))
    with any_store.write(None) as session:
        connection = session.connection()
        connection.execute(
            text("UPDATE load_test SET ended_because = 'It was cancelled.' WHERE id = :id"), {"id": ended.id}
        )
        version_8.lift_load_tests(connection)
    reasons = [get_load_test(any_store, test.id).ended_because for test in (ended, waiting)]
    assert reasons == [Message.of(LoadEnd.OTHER, error="It was cancelled."), None]


def test_the_traffic_is_summed_as_an_import_does(migrated: Store) -> None:
    columns = [column for column in TrafficRow.__table__.c if column.name != "id"]
    with migrated.read() as session:
        written = Counter(tuple(row) for row in session.execute(select(*columns)))
        log_ids = session.scalars(select(LogRow.id)).all()
    roll_up(migrated, log_ids)
    with migrated.read() as session:
        assert Counter(tuple(row) for row in session.execute(select(*columns))) == written
    sums = sum_traffic(migrated, 1)
    assert (sums.calls, sums.failed, sums.usage.cache_read_tokens) == (21, 1, 800)


def test_digests_are_those_of_an_import_today(migrated: Store, tmp_path: Path) -> None:
    import_logs(migrated, "Again", [LOG], ImportOptions(redact=False))
    columns = (SampleRow.digest, SampleRow.request_digest, SampleRow.near_digest)
    with migrated.read() as session:
        logs = {log.study_id: log.id for log in session.scalars(select(LogRow).where(LogRow.name == LOG.name))}
        old, new = (
            Counter(tuple(row) for row in session.execute(select(*columns).where(SampleRow.log_id == logs[study_id])))
            for study_id in (1, find_study(migrated, "Again").id)
        )
    assert old == new
    assert old.total() == 21


def test_the_same_log_is_recognised_and_the_next_one_finds_its_use_case(migrated: Store, tmp_path: Path) -> None:
    again = import_logs(migrated, "Support's", [LOG], ImportOptions(redact=False))
    assert (again.counts.rows, again.counts.accepted, again.counts.duplicates, again.counts.rejected) == (22, 0, 21, 1)
    following = tmp_path / "next.jsonl"
    following.write_text(LOG.read_text(encoding="utf-8").replace("Ticket ", "Case "), encoding="utf-8")
    report = import_logs(migrated, "Support's", [following], ImportOptions(redact=False))
    assert (report.counts.accepted, report.counts.duplicates) == (11, 10)
    counts = {case.name: case.calls.total for case in list_use_cases(migrated, 1)}
    assert counts == {"Ticket sorting": 14 + 11, "Refunds": 7}
    ids = [log.id for log in list_logs(migrated, 1)]
    assert min(ids[:2]) > 3, "no number is given twice"


def test_a_name_that_no_call_has_finds_its_use_case_also_after_other_imports(migrated: Store, tmp_path: Path) -> None:
    for name, label in (("one", "Something else"), ("two", "sorting")):
        path = write_log(tmp_path / f"{name}.jsonl", [call(n, f"{name} {n}", id=f"{name}-{n}") for n in range(30)])
        path.write_text(path.read_text(encoding="utf-8").replace("Triage", label), encoding="utf-8")
        import_logs(migrated, "Support's", [path], ImportOptions(redact=False))
    counts = {case.name: case.calls.total for case in list_use_cases(migrated, 1)}
    assert counts == {"Ticket sorting": 14 + 30, "Something else": 30, "Refunds": 7}


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("ALTER TABLE model", KeyboardInterrupt),
        ("UPDATE sample SET", StoreError),
        ("ALTER TABLE job", KeyboardInterrupt),
        ("DROP TABLE old_subject", KeyboardInterrupt),
        ("UPDATE schema_version", StoreError),
    ],
)
def test_an_interrupted_migration_leaves_the_old_database(
    old_url: str, statement: str, error: type[BaseException]
) -> None:
    before = rows_of(old_url), schema_of(old_url)
    with failing_at(statement, error), pytest.raises(error):
        Store(old_url)
    assert (rows_of(old_url), schema_of(old_url)) == before
    store = Store(old_url)
    assert {study.name for study in list_studies(store)} == {"Support's", "Mail"}
    store.close()


def test_foreign_keys_hold_after_a_migration(migrated: Store) -> None:
    if migrated.engine.dialect.name == "sqlite":
        with migrated.engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    for study in list_studies(migrated):
        delete_study(migrated, study.id)
        assert remove_rows(migrated, study.id)
    with migrated.read() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "job"]
        left = {table.name: len(session.execute(select(table)).all()) for table in tables}
    assert not any(left.values()), left


def test_a_damaged_database_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'advisor.db'}"
    make_old(url)
    run_script(url, "INSERT INTO run_sample VALUES (1, 999)")
    before = rows_of(url)
    with pytest.raises(StoreError, match="row of run_sample belongs to a row of sample that is missing"):
        Store(url)
    assert rows_of(url) == before


def test_texts_that_only_pythons_own_json_knows_are_no_obstacle(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'advisor.db'}"
    make_old(url)
    odd = '{"messages": [{"role": "user", "content": "\\ud83d"}], "params": {"temperature": NaN, "seed": 1e999}}'
    run_script(
        url,
        f"UPDATE sample_text SET request = '{odd}' WHERE sample_id = 2; DELETE FROM sample_text WHERE sample_id = 20;",
    )
    store = Store(url)
    assert next(load_samples(store, [2])).request.messages == [{"role": "user", "content": "\ud83d"}]
    assert next(read_these(store, [2])).messages == [{"role": "user", "content": "\ud83d"}]
    assert {case.name: case.calls.total for case in list_use_cases(store, 1)}["Ticket sorting"] == 14
    store.close()


def test_a_vote_that_cannot_be_read_is_no_longer_an_answer(database_url: str) -> None:
    make_old(database_url)
    run_script(database_url, "UPDATE judgement SET parsed = FALSE")
    store = Store(database_url)
    kept = {row["id"]: row for row in rows_of(database_url)["generation"]}
    assert [id_ for id_, row in kept.items() if row["failure"] == "unreadable"] == [5]
    assert 5 not in {row["generation_id"] for row in rows_of(database_url)["generation_text"]}
    store.close()
