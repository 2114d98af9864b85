"""A server that sends the key back in every way, by every path: no piece of it is stored, exported or shown."""

import base64
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from streamlit.testing.v1 import AppTest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.measure.load_tests import LoadSetup, finish_load_test, start_load_test
from advisor.measure.registration import probe_model, register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.plan.exports import export
from advisor.store import Store
from advisor.store.models import list_models
from advisor.types import PINNED, Model, Role, RunOptions
from advisor.types.dossier import Export
from tests.made.log import call, write_log
from tests.server import ECHOED, MisbehavingServer

KEY = f"{ECHOED}9f8Zq2+Lx7/Tb4Wn1=Kc5Rm3Vd6"
PIECE = 8
FORMS = (KEY, quote(KEY, safe=""), *(base64.b64encode(bytes(n) + KEY.encode()).decode()[4:-4] for n in range(3)))
PIECES = {form[at : at + PIECE] for form in FORMS for at in range(len(form) - PIECE + 1)}


def pieces_in(text: str) -> set[str]:
    return {text[at : at + PIECE] for at in range(len(text))} & PIECES


def stored(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "\n".join(repr(row) for table in tables for row in database.execute(f"SELECT * FROM {table}"))


@pytest.mark.slow
def test_no_piece_of_a_key_comes_back(
    store: Store,
    tmp_path: Path,
    open_page: Callable[..., AppTest],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ECHOED_API_KEY", KEY)
    assert len(pieces_in(f"x{KEY}")) > 20, "the search finds what it looks for"
    import_logs(
        store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(3)])], ImportOptions(redact=False)
    )
    study = find_study(store, "S")
    with MisbehavingServer() as server:
        for id_ in ("tells-401", "tells-400", "tells-404", "repeats"):
            for client in ("", PINNED):
                name = f"{id_} {client}".strip()
                asked = Model(
                    name=name, litellm_id=f"{client}openai/{id_}", api_base=server.url, key_env="ECHOED_API_KEY"
                )
                register_model(store, study, asked)
        for id_ in ("repeats", "tells-400"):
            judge = Model(name=f"J {id_}", litellm_id=f"openai/{id_}", role=Role.JUDGE, api_base=server.url)
            register_model(store, study, replace(judge, key_env="ECHOED_API_KEY"))
        probes = [probe_model(store, model) for model in list_models(store, study.id)]
        run = finish_run(store, start_run(store, study, RunOptions(concurrency=1)).id)
        for name in ("repeats", "tells-400"):
            test = start_load_test(store, study, LoadSetup(model=name))
            finish_load_test(store, test.id, max_concurrency=1, seed=1, say=lambda words: None)
        assert sum(KEY in headers.get("Authorization", "") for headers in server.headers) > 40
    assert any("[key]" in probe.detail for probe in probes)
    assert not pieces_in(str(probes))
    assert "[key]" in stored(tmp_path / "advisor.db")
    assert not pieces_in(stored(tmp_path / "advisor.db"))
    for what in (Export.RESULTS, Export.STUDY):
        path = tmp_path / what
        export(store, study, what, path)
        assert not pieces_in(path.read_text())
    for page in ("models/candidates", "evidence/run", "evidence/quality", "evidence/latency"):
        assert not pieces_in(str(open_page(f"pages/{page}.py", study="S")))
    said = capfd.readouterr()
    assert not pieces_in(said.out + said.err)
    assert run.plan.planned
