"""STUDY.toml: what is written reads back, and what is wrong is refused before anything is spent."""

import tomllib
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.store import Store
from advisor.study.batch import read_study_file, write_study_file
from advisor.study.imports import import_logs
from advisor.study.models import register_model
from advisor.study.studies import find_study
from advisor.types import Model
from tests.study.made_log import call, write_log

NAME = 'Emoji 🎉 "quoted" back\\slash \x7f 数据'
PRICES = {"input_price_usd_per_mtok": 0.1, "output_price_usd_per_mtok": 0.4}
PARAMS = {"temperature": 0.5, "stop": ["🎉", "\x01"], "extra": {"ключ": True}}


def test_a_study_is_written_and_read_back_whole(store: Store, tmp_path: Path) -> None:
    for name, redact in (("plain.jsonl", False), ("redacted.jsonl", True)):
        rows = [call(n, prompt=f"{name} {n}") for n in range(3)]
        import_logs(store, NAME, [write_log(tmp_path / name, rows)], redact=redact)
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
    assert in_euros.output_price_usd_per_mtok == 2 * (model.output_price_usd_per_mtok or 0)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("margin = 5", "margin of 5"),
        ("margin = 0", "margin of 0"),
        ("margin = nan", "margin must be a number"),
        ("confidence = 95", "confidence of 95"),
        ("confidence = 0.4", "confidence of 0.4"),
        ("seed = inf", "seed must be a number"),
        ("sample = 1.5", "sample must be a number"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_name(tmp_path: Path, line: str, named: str) -> None:
    path = tmp_path / "STUDY.toml"
    path.write_text(f'study = "S"\nlogs = ["a.jsonl"]\nredact = true\n{line}\n')
    with pytest.raises(BadInput, match=f"STUDY.toml: .*{named}"):
        read_study_file(path)


def test_redaction_must_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "STUDY.toml"
    path.write_text('study = "S"\nlogs = ["a.jsonl"]\nredact = "yes"\n')
    with pytest.raises(BadInput, match="redact is missing or not true or false"):
        read_study_file(path)
