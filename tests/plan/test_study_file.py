"""STUDY.toml: what is written reads back, and what is wrong is refused before anything is spent."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import change
from advisor.decide.limits import set_traffic_share, setting_limits
from advisor.errors import BadInput, UnconfirmedKey
from advisor.jobs.whole_study import run_batch
from advisor.judge.checks import set_checks, set_match
from advisor.judge.rubrics import rubric_of, save_rubric
from advisor.measure.registration import register_model
from advisor.measure.studies import find_study
from advisor.plan.study_file import OPTIONS, UseCaseTable, apply_use_cases, read_study_file, write_study_file
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.studies import create_study
from advisor.types import (
    Check,
    CheckKind,
    Endpoint,
    Kind,
    Lane,
    Match,
    Matching,
    Model,
    Planning,
    Prices,
    Repeats,
    RunOptions,
)
from tests.made.log import call, write_log


def refused(folder: Path, lines: str, named: str) -> None:
    """A study file with these lines is refused, and the message names why."""
    path = folder / "STUDY.toml"
    path.write_text(f'study = "S"\nlogs = ["a.jsonl"]\nredact = true\n{lines}\n')
    with pytest.raises(BadInput, match=f"STUDY.toml: .*{named}"):
        read_study_file(path)


NAME = 'Emoji 🎉 "quoted" back\\slash \x7f 数据'
PRICES: dict[str, Any] = {"prices": Prices(input=0.1, output=0.4)}
PARAMS = {"temperature": 0.5, "stop": ["🎉", "\x01"], "extra": {"ключ": True}}


def test_a_study_is_written_and_read_back_whole(store: Store, tmp_path: Path) -> None:
    for name, redact in (("plain.jsonl", False), ("redacted.jsonl", True)):
        rows = [call(n, prompt=f"{name} {n}") for n in range(3)]
        import_logs(store, NAME, [write_log(tmp_path / name, rows)], ImportOptions(redact=redact))
    study = find_study(store, NAME)
    model = Model(name="c 🎉", litellm_id="openai/ok", max_samples=7, params=PARAMS, **PRICES)
    register_model(store, study, model)
    text, _ = write_study_file(store, study)
    assert tomllib.loads(text)["study"] == NAME
    path = tmp_path / "STUDY.toml"
    path.write_text(text, encoding="utf-8")
    batch = read_study_file(path)
    assert (batch.study, batch.redact) == (NAME, True)  # one log was redacted, so none may go in as it is
    (read,) = batch.models
    assert (read.name, read.max_samples, read.params) == (model.name, 7, PARAMS)
    path.write_text(text.replace("input_price", "usd_per_unit = 2.0\ninput_price", 1), encoding="utf-8")
    (in_euros,) = read_study_file(path).models
    assert in_euros.prices.output == 2 * (model.prices.output or 0)


@pytest.mark.parametrize(
    "match",
    [Match(how=Matching.NUMERIC, tolerance=0.05), Match(how=None, loose=True), Match(how=Matching.LABEL, loose=True)],
)
def test_what_a_person_set_is_in_force_in_the_study_that_the_file_makes(
    store: Store, tmp_path: Path, match: Match
) -> None:
    log = write_log(tmp_path / "plain.jsonl", [call(n, answer="7", target="7") for n in range(3)])
    import_logs(store, "first", [log], ImportOptions(redact=False))
    first = find_study(store, "first")
    first = replace(first, margin=0.2, confidence=0.9, max_latency_p95_s=2.0, max_ttft_p95_s=0.5)
    with setting_limits(store, first, {}):
        pass
    first = set_traffic_share(store, first, 0.1)
    (case,) = list_use_cases(store, first.id)
    set_match(store, case, match)
    set_checks(store, case, [Check(kind=CheckKind.MOST_WORDS, value="3"), Check(kind=CheckKind.JSON)])
    save_rubric(store, case, ['Is it "right"?', "Is it short?"])
    change(store, case, kind=Kind.CHAT, endpoint=Endpoint.PAIRWISE, margin=0.3, ignored=True)
    (case,) = list_use_cases(store, first.id)
    path = tmp_path / "STUDY.toml"
    path.write_text(write_study_file(store, first)[0].replace('"first"', '"again"'), encoding="utf-8")
    batch = read_study_file(path)
    with pytest.raises(BadInput, match="no candidates"):  # what is set stands before anything is asked
        run_batch(store, batch, lambda words: None)
    again = find_study(store, "again")
    assert replace(again, id=first.id, name="first", created_at=first.created_at) == first
    (made,) = list_use_cases(store, again.id)
    assert replace(made, id=case.id) == case
    assert rubric_of(store, made).questions == rubric_of(store, case).questions


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("margin = 5", "'T': A margin of 5"),
        ('match = "exact"', "use_cases: 'T': match must be a table"),
        ('checks = [{ kind = "rhymes" }]', "use_cases: 'T': checks: number 1: kind can't be 'rhymes'"),
        ('colour = "red"', "unknown key 'colour'"),
    ],
)
def test_a_use_case_that_cannot_be_judged_so_is_refused_by_name(tmp_path: Path, table: str, named: str) -> None:
    refused(tmp_path, f'[[use_cases]]\nname = "T"\n{table}', named)


def test_a_use_case_that_the_log_does_not_make_is_refused_before_any_is_changed(store: Store, tmp_path: Path) -> None:
    import_logs(
        store, "S", [write_log(tmp_path / "plain.jsonl", [call(n) for n in range(3)])], ImportOptions(redact=False)
    )
    study = find_study(store, "S")
    (case,) = list_use_cases(store, study.id)
    with pytest.raises(BadInput, match="no use case 'Renamed'"):
        apply_use_cases(store, study, [UseCaseTable(name=case.name, margin=0.3), UseCaseTable(name="Renamed")])
    assert list_use_cases(store, study.id) == [case]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("margin = 5", "margin of 5"),
        ("margin = 0", "margin of 0"),
        ("margin = nan", "margin must be a number"),
        ("confidence = 95", "confidence of 95"),
        ("confidence = 0.4", "confidence of 0.4"),
        ("seed = inf", "seed must be a number"),
        ("sample = 1.5", "sample must be a whole number"),
        ("concurrency = 2.5", "concurrency must be a whole number"),
        ("[[candidates]]\nname = 'A'", "candidates: 'A': model is missing"),
        ("[[candidates]]\nname = 'A'\nmodel = 'x'\ncolor = 1", "candidates: 'A': unknown key 'color'. Keys are allow"),
        ("stream = 1", "stream must be true or false"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_name(tmp_path: Path, line: str, named: str) -> None:
    refused(tmp_path, line, named)


def test_every_option_of_a_run_can_be_set(tmp_path: Path) -> None:
    wanted = RunOptions(
        sample_size=7,
        seed=3,
        baseline=Lane.RECORDED,
        repeats=Repeats(epochs=2, repeated=5),
        concurrency=4,
        stream=False,
        budget_usd=1.5,
        judged=False,
        audited=9,
        fresh=True,
        early_stop=True,
        planning=Planning(allow_unpriced=True, last_turn_only=True),
    )
    assert all(wanted.flat[name] != default for name, default in RunOptions().flat.items())
    keys = [f"{key} = {json.dumps(wanted.flat[name])}" for key, name in OPTIONS.items()]
    path = tmp_path / "STUDY.toml"
    path.write_text("\n".join(['study = "S"', 'logs = ["a.jsonl"]', "redact = true", *keys]))
    assert read_study_file(path).options == wanted


def test_redaction_must_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "STUDY.toml"
    path.write_text('study = "S"\nlogs = ["a.jsonl"]\nredact = "yes"\n')
    with pytest.raises(BadInput, match="redact must be true or false"):
        read_study_file(path)


def test_a_key_for_a_foreign_host_needs_a_word_in_the_file(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "STUDY.toml"
    study = create_study(store, "S")
    for word, allowed in (("", False), ("allow_key_host = false", False), ("allow_key_host = true", True)):
        path.write_text(
            'study = "S"\nlogs = ["a.jsonl"]\nredact = false\n[[candidates]]\nname = "A"\nmodel = "openai/x"\n'
            f'api_base = "https://llm.example/v1"\nkey_env = "OPENAI_API_KEY"\n{word}\n'
        )
        (model,) = read_study_file(path).models
        if allowed:
            register_model(store, study, model)
        else:
            with pytest.raises(UnconfirmedKey, match="allow_key_host"):
                register_model(store, study, model)
    assert "allow_key_host = true" in write_study_file(store, study)[0]
    refused(tmp_path, '[[judges]]\nname = "J"\nmodel = "openai/x"\nallow_key_host = "yes"', "allow_key_host")


def test_a_header_is_written_unless_it_is_secret_and_a_secret_must_be_filled_in(store: Store, tmp_path: Path) -> None:
    study = create_study(store, "S")
    headers = {"HTTP-Referer": "https://shop.example.com", "Authorization": "Bearer example"}
    register_model(store, study, Model(name="A", litellm_id="openai/x", params={"extra_headers": headers}))
    text, _ = write_study_file(store, study)
    path = tmp_path / "STUDY.toml"
    path.write_text(text)
    assert "Bearer" not in text
    with pytest.raises(BadInput, match=r"STUDY.toml: .*Authorization.*'A'"):
        read_study_file(path)
    path.write_text(text.replace('"..."', '"Bearer example"'))
    (read,) = read_study_file(path).models
    assert read.params == {"extra_headers": headers}
    refused(tmp_path, '[[judges]]\nname = "J"\nmodel = "openai/x"\nparams = "hot"', "params")
