"""Examples to train on: of approved or passing answers, redacted, and without a leak from the test split."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml  # type: ignore[import-untyped]

from advisor.analysis.training import clusters, is_just_short, needs, split
from advisor.decide.decisions import decide
from advisor.decide.likeness import runs_of
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.plan.exports import export, make_ready, zipped
from advisor.plan.training.examples import Judging, good_answer, names_masked, redacted
from advisor.plan.training.recipes import training_files
from advisor.plan.training.sets import PAIR, make_training
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import set_probe
from advisor.store.run.samples import list_run_samples
from advisor.types import (
    Answer,
    Endpoint,
    Json,
    Kind,
    Lane,
    Model,
    Probe,
    Reference,
    Request,
    Role,
    RunOptions,
    StoredSample,
)
from advisor.types.assessments import Difference
from advisor.types.dossier import Export
from advisor.types.ready import Side, Split, Trainee, TrainGap, Training, Tuned
from tests.made.log import LABELS
from tests.made.run import PRICES, made_study
from tests.nested import nested
from tests.plan.training.decided import CALLS, NUMBERS, SAMPLE, Decided, candidate, decided_study, row, ticket
from tests.server import MisbehavingServer

LIKE = 0.8
"""Texts that have so much in common are nearly the same, by another measure than the product's own."""
Make = Callable[..., Training]


@pytest.fixture
def make(decided: Decided) -> Make:
    return lambda **how: make_training(*decided, **how)


def asked(messages: list[dict[str, Any]]) -> str:
    return " ".join(message["content"] for message in messages if message["role"] == "user")


@pytest.mark.parametrize("how", [{}, {"with_tested": True}, {"with_tested": True, "is_pairs": True}])
def test_nothing_in_train_is_in_the_test_split_or_near_it(decided: Decided, make: Make, how: dict[str, bool]) -> None:
    store, _, report = decided
    (made,) = make(**how).sets
    trained, held = made.of(Split.TRAIN), made.of(Split.TEST)
    assert trained
    assert held
    ids = {row.sample_id for row in held}
    if not how:
        tested = set(list_run_samples(store, report.recommendation.run.id))
        assert ids <= tested
        assert not tested & {row.sample_id for row in (*trained, *made.of(Split.VALID))}
        ids = tested  # also those without an answer to learn
    held_back = {sample.id: sample for sample in load_samples(store, ids)}
    known = {sample.id: sample for sample in load_samples(store, [row.sample_id for row in trained])}
    sessions = {sample.ids.session for sample in held_back.values()} - {None}
    assert not sessions & {sample.ids.session for sample in known.values()}
    texts = [asked(sample.request.messages) for sample in held_back.values()]
    for sample in known.values():
        mine = SequenceMatcher(None, "", asked(sample.request.messages).split(), autojunk=False)
        for text in texts:
            mine.set_seq1(text.split())
            assert mine.real_quick_ratio() < LIKE or mine.ratio() < LIKE


def test_answers_are_right_and_each_request_is_there_once(make: Make) -> None:
    (made,) = make(with_tested=True).sets
    for each in made.rows:
        last = each.messages[-2]["content"]
        if "<EMAIL" not in last:
            assert each.messages[-1] == {"role": "assistant", "content": LABELS[NUMBERS[last] % 3]}
    requests = [json.dumps(each.messages) for each in made.rows]
    assert len(set(requests)) == len(requests)
    assert made.looked.calls == CALLS
    assert len(made.rows) + made.looked.repeated + made.looked.no_answer == CALLS


def test_personal_data_is_replaced(make: Make) -> None:
    for is_pairs in (False, True):
        text = "".join(training_files(make(with_tested=True, is_pairs=is_pairs)).values())
        assert "acme-mail" not in text
        assert "<EMAIL_1>" in text


def test_pairs_hold_the_candidates_failing_answers(make: Make) -> None:
    (made,) = make(with_tested=True, is_pairs=True).sets
    assert made.rows
    for each in made.rows:
        last = each.messages[-2]["content"]
        assert each.rejected
        if "<EMAIL" not in last:
            n = NUMBERS[last]
            assert n % 10 == 3
            assert each.messages[-1]["content"] == LABELS[n % 3]
            assert each.rejected["content"] == LABELS[(n + 1) % 3]
    (chats,) = make(with_tested=True).sets
    assert (made.looked.no_answer, chats.looked.not_lost) == (chats.looked.no_answer, 0)
    assert made.looked.not_lost > len(made.rows)


def test_where_only_tested_calls_could_be_trained_on_a_fifth_of_all_is_held_out(make: Make) -> None:
    given, asked_for = make(is_pairs=True), make(is_pairs=True, with_tested=True)
    assert given == replace(asked_for, gaps=given.gaps)
    assert [gap.code for gap in given.gaps] == [TrainGap.TESTED_TOO]
    assert not make().with_tested  # other calls are left


def test_a_readme_tells_no_step_where_nothing_can_be_trained(make: Make) -> None:
    made = make()
    (whole,) = made.sets
    without = replace(whole, rows=tuple(whole.of(Split.TEST)))
    for sets in ((), (without,)):
        files = training_files(replace(made, sets=sets))
        assert [*files] == ["README.md"]
        assert "train.py" not in files["README.md"]
    both = training_files(replace(made, sets=(replace(without, alias="empty"), whole)))["README.md"]
    assert f"python train.py {whole.alias}/lora.yaml" in both


def test_files_load_and_are_the_same_each_time(decided: Decided, tmp_path: Path) -> None:
    store, study, report = decided
    for what in (Export.FINETUNE, Export.DPO):
        for name in ("a.zip", "b.zip"):
            (tmp_path / name).write_bytes(zipped(make_ready(store, study, report, what, with_tested=True).files))
        assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
        assert export(store, study, what, tmp_path / "c.zip") > 5
    files = training_files(make_training(store, study, report, with_tested=True))
    chats = [json.loads(line) for line in files["triage/train.jsonl"].splitlines()]
    assert all([message["role"] for message in chat["messages"]][-1] == "assistant" for chat in chats)
    assert yaml.safe_load(files["triage/qlora.yaml"])["four_bit"] is True
    for name in ("train.py", "distill.py"):
        compile(files[name], name, "exec")
    steps = [line for line in files["README.md"].splitlines() if line[:2] in {f"{n}." for n in range(1, 10)}]
    assert len(steps) == 5
    assert "OpenAI Services Agreement" in files["TERMS.md"]


def test_labels_have_a_learning_curve(make: Make) -> None:
    (made,) = make(with_tested=True).sets
    assert [point.examples for point in made.curve][:3] == [25, 50, 100]
    assert made.curve[-1].examples == len(made.of(Split.TRAIN))
    assert all(0 <= point.score <= 1 for point in made.curve)
    assert not make(is_pairs=True).sets[0].curve


def test_terms_of_both_sides_are_known_or_said_to_be_unknown(decided: Decided) -> None:
    store, study, report = decided
    open_one = replace(report.models[0], litellm_id="together_ai/openai/gpt-oss-20b", api_base=None)
    (made,) = make_training(store, study, replace(report, models=(open_one,))).sets
    answers, model = made.terms
    assert (answers.side, model.side) == (Side.ANSWERS, Side.MODEL)
    assert answers.source
    assert answers.checked_on
    assert model.by == "Apache License 2.0"
    assert [each.how for each in made.needs] == [Tuned.LORA, Tuned.QLORA]
    (made,) = make_training(store, study, report).sets
    assert made.terms[1].rule is None
    assert made.gaps[0].code == TrainGap.CLOSED
    assert not made.needs


def test_just_short_is_undecided_or_within_reach() -> None:
    assert is_just_short(Difference(margin=0.05, delta=-0.02, ci_low=-0.08))
    assert is_just_short(Difference(margin=0.05, delta=-0.14, ci_low=-0.2))
    assert not is_just_short(Difference(margin=0.05, delta=-0.16, ci_low=-0.2))
    assert not is_just_short(Difference(margin=0.05, delta=0.0, ci_low=-0.04))
    assert not is_just_short(Difference(margin=0.05))


def test_a_cluster_is_never_parted() -> None:
    codes = np.array([0, 0, 1, 2, 2, 3, 4, 5, 6, 7])
    tested = np.array([True, False, False, False, False, False, False, False, False, True])
    names = [f"n{n}" for n in range(10)]
    placed = split(codes, tested, names, with_tested=False)
    assert placed[:2] == [Split.TEST, None]
    assert placed[3] == placed[4]
    assert placed[9] is Split.TEST
    assert placed.count(Split.TEST) == 2
    every = split(codes, tested, names, with_tested=True)
    assert every[0] == every[1]
    assert every.count(Split.TEST) == 2


def test_texts_that_are_nearly_the_same_hang_together() -> None:
    template = "please sort the following ticket into one of three classes and answer with a single word only "
    texts = [template + ticket(n) for n in range(1, 60)]
    codes = clusters([[] for _ in texts], [runs_of(text, PAIR) for text in texts])
    together = [(n, n + 1) for n in range(1, 59) if codes[n - 1] == codes[n]]
    assert together == [(n, n + 1) for n in range(1, 59) if (n + 1) % 5 == 0]


def test_what_training_takes_grows_with_the_model_and_is_unknown_without_tokens() -> None:
    small, large = Trainee("a", "a/a", 8.0, 8.0), Trainee("b", "b/b", 70.0, 70.0)
    lora, qlora = (needs(small, how, 500, 1_000_000, (2.0, 3.0, 4.0)) for how in (Tuned.LORA, Tuned.QLORA))
    assert lora
    assert qlora
    assert lora.memory_gb == pytest.approx(1.2 * (16 + 1.28))
    assert qlora.memory_gb == pytest.approx(8.8)
    assert lora.hours
    # 6 operations x 8e9 weights x 1e6 tokens x 3 epochs at 40 % of 989e12 a second.
    assert lora.hours[0] == pytest.approx(6 * 8e9 * 1e6 * 3 / (0.4 * 989e12) / 3600)
    assert lora.usd
    assert lora.usd.low == pytest.approx(2.0 * lora.hours[0])
    bigger = needs(large, Tuned.LORA, 500, None, None)
    assert bigger
    assert (bigger.gpus, bigger.hours, bigger.usd) == (4, None, None)
    assert needs(Trainee("c", "c/c", 671.0, 37.0), Tuned.QLORA, 500, 1, None) is None
    assert needs(Trainee("d", None, None, None), Tuned.LORA, 500, 1, None) is None


@pytest.mark.parametrize(
    ("reference", "recorded", "learned"),
    [
        ("bug", Answer(text="bug"), "bug"),
        ("bug", Answer(text="billing"), "bug"),
        ({"any_of": ["bug", "other"]}, Answer(text="nothing"), "bug"),
        ({"any_of": []}, Answer(text="bug"), None),
    ],
)
def test_the_reference_answer_stands_in_for_a_wrong_one(
    decided: Decided, reference: Any, recorded: Answer, learned: str | None
) -> None:
    store, study, _ = decided
    (case,) = list_use_cases(store, study.id)
    case = replace(case, kind=Kind.CLASSIFICATION)
    request = Request(messages=[{"role": "user", "content": "?"}])
    sample = StoredSample(id=1, request=request, answer=recorded, reference=Reference(reference))
    found = good_answer(sample, Judging(case, Endpoint.TARGET, None, None, {}))
    assert (found.text if found else None) == learned


def test_answers_that_are_cut_off_or_refuse_are_not_learned(decided: Decided) -> None:
    store, study, _ = decided
    (case,) = list_use_cases(store, study.id)
    request = Request(messages=[{"role": "user", "content": "?"}])
    judging = Judging(case, Endpoint.PAIRWISE, None, None, {})
    for answer in (
        Answer(text="Half of", finish_reason="length"),
        Answer(text="I'm sorry, but I can't help with that request."),
        Answer(text=""),
    ):
        assert good_answer(StoredSample(id=1, request=request, answer=answer), judging) is None
    assert good_answer(StoredSample(id=1, request=request, answer=Answer(text="Yes.")), judging)
    assert good_answer(StoredSample(id=1, request=request, answer=Answer(text="Yes."), error="500"), judging) is None
    replayed = judging._replace(replayed={1: Answer(text="Yes.")})
    assert good_answer(StoredSample(id=1, request=request), replayed) == Answer(text="Yes.")
    assert good_answer(StoredSample(id=2, request=request), replayed) is None


def test_a_replay_with_the_same_seed_asks_the_held_out_calls_again(tmp_path: Path) -> None:
    store, study, report = decided_study(tmp_path)
    decided_on = report.recommendation.run
    tuned = Model(name="tuned", litellm_id="hosted_vllm/triage", api_base="http://127.0.0.1:9/v1", **PRICES)
    set_probe(store, register_model(store, study, tuned).id, Probe(reachable=True))
    options = RunOptions(sample_size=decided_on.sample_size, seed=decided_on.seed, baseline=Lane.RECORDED)
    run = start_run(store, study, options)
    assert list_run_samples(store, run.id) == list_run_samples(store, decided_on.id)


def test_a_teacher_answers_the_training_prompts(make: Make, tmp_path: Path) -> None:
    for name, text in training_files(make(with_tested=True)).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with MisbehavingServer(answers={"teacher": lambda body: f"taught {len(body['messages'])}"}) as server:
        environment = {**os.environ, "TEACHER_URL": server.url, "TEACHER_MODEL": "teacher"}
        subprocess.run([sys.executable, "distill.py", "triage"], cwd=tmp_path, env=environment, check=True)
    taught, own = (
        [json.loads(line) for line in (tmp_path / folder / "train.jsonl").read_text().splitlines()]
        for folder in ("triage-distilled", "triage")
    )
    assert [row["messages"][:-1] for row in taught] == [row["messages"][:-1] for row in own]
    assert all(row["messages"][-1]["content"] == f"taught {len(row['messages']) - 1}" for row in taught)
    subprocess.run(
        [sys.executable, "distill.py", "triage"],
        cwd=tmp_path,
        env=environment | {"TEACHER_URL": "http://127.0.0.1:9"},
        check=True,
    )
    assert (tmp_path / "triage-distilled" / "test.jsonl").read_text() == (tmp_path / "triage/test.jsonl").read_text()


def test_calls_of_an_earlier_replay_give_pairs_to_train_on(tmp_path: Path, store: Store) -> None:
    rows = [row(n) for n in range(CALLS)]
    with MisbehavingServer(answers={"open": candidate}) as server:
        study = made_study(store, tmp_path, rows, server.url, {"open": Role.CANDIDATE})
        for seed in (2, 1):
            options = nested(RunOptions, {"sample_size": SAMPLE, "seed": seed, "baseline": Lane.RECORDED, "audited": 0})
            run = finish_run(store, start_run(store, study, options).id)
    (made,) = make_training(store, study, decide(store, study, run=run), is_pairs=True).sets
    tested = set(list_run_samples(store, run.id))
    assert made.of(Split.TRAIN)
    assert not tested & {row.sample_id for row in made.of(Split.TRAIN)}
    assert {row.sample_id for row in made.of(Split.TEST)} <= tested


def test_an_answer_does_not_name_a_host_that_its_prompt_masks() -> None:
    asked: list[dict[str, Json]] = [{"role": "user", "content": "Set up jane@eu.northpier.example.com for acme.com"}]
    for answer, is_masked in (
        ("For eu.northpier.example.com", True),
        ("For acme.com", False),
        ("For fernwick.com", False),
    ):
        messages, _ = redacted([*asked, {"role": "assistant", "content": answer}], [])
        assert "<EMAIL_1>" in str(messages[0])
        assert names_masked(asked, messages) is is_masked
