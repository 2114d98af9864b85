"""Makes runs with answers to compare and with judges' words on them, for tests of reviews, labels and the gallery."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from advisor.collect.imports import ImportOptions, import_logs
from advisor.judge.exam import EACH
from advisor.judge.scores import score_run
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import start_run
from advisor.measure.studies import find_study
from advisor.scoring.judge import PROMPT_VERSION
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.run.generations import CallKey, StoredGeneration, Subject, save_generations
from advisor.store.run.samples import list_run_samples
from advisor.types import Answer, Generation, Lane, Model, Preference, Prices, Role, Run, RunOptions, Study
from advisor.types.enums import About
from tests.made.log import call, write_log

RECORDED = "The refund takes five days."
REPLAYED = "The refund takes three days."
OWN = "http://127.0.0.1:9/v1"
"""An address that needs no key; nobody is asked."""
WORSE, TIE, BETTER = Preference.BASELINE, Preference.TIE, Preference.CANDIDATE


def drafts(count: int, **more: Any) -> list[dict[str, Any]]:
    """Rows of a use case that is decided by comparing two answers."""
    return [call(n, prompt=f"Write to customer {n}, please.", answer=f"{RECORDED} {n}", **more) for n in range(count)]


def paired_run(
    store: Store,
    folder: Path,
    rows: Sequence[dict[str, Any]],
    *,
    judges: int = 0,
    name: str = "S",
    is_answered: bool = True,
) -> tuple[Study, Run, int, list[int]]:
    """A study whose one candidate has answered every sample, or none: study, run, the candidate's id, the judges'."""
    import_logs(store, name, [write_log(folder / f"{name}.jsonl", list(rows))], ImportOptions(redact=False))
    study = find_study(store, name)
    price: dict[str, Any] = {"prices": Prices(input=1.0, output=1.0)}
    models = [
        register_model(store, study, Model(name=label, litellm_id=f"openai/{label}", api_base=OWN, role=role, **price))
        for label, role in [("Larch", Role.CANDIDATE), *((f"judge {n}", Role.JUDGE) for n in range(judges))]
    ]
    candidate, *judge_ids = [model.id for model in models]
    run = start_run(store, study, RunOptions(sample_size=len(rows), baseline=Lane.RECORDED))
    if is_answered:
        samples = load_samples(store, list_run_samples(store, run.id))
        answer(store, run, candidate, {sample.id: f"{REPLAYED} {sample.ids.external_id}" for sample in samples})
    return study, run, candidate, judge_ids


def answer(store: Store, run: Run, model_id: int, texts: Mapping[int, str]) -> None:
    """Store a candidate's answers by sample."""
    rows = [
        StoredGeneration(
            key=CallKey(sample, Lane.CANDIDATE, model_id, 1), generation=Generation(answer=Answer(text=text))
        )
        for sample, text in texts.items()
    ]
    save_generations(store, run, rows)


def judge(
    store: Store, run: Run, model_id: int, words: Mapping[int, Mapping[int, tuple[Preference, Preference]]]
) -> None:
    """Store judges' answers, sample -> judge -> its word with the candidate first and second, and score the run."""
    rows = [
        StoredGeneration(
            key=CallKey(sample, Lane.JUDGE, judge_id, 1, Subject(About.PAIR, model_id, first)),
            generation=Generation(answer=Answer(text=_verdict(said, first=first))),
        )
        for sample, by_judge in words.items()
        for judge_id, both in by_judge.items()
        for first, said in zip((True, False), both, strict=True)
    ]
    save_generations(store, run, rows)
    score_run(store, run)


def pass_exam(store: Store, run: Run, judge_id: int) -> None:
    """Store a judge's right answers to all control pairs."""
    rows = [
        StoredGeneration(
            key=CallKey(sample, Lane.JUDGE, judge_id, 1, subject._replace(candidate_first=first)),
            generation=Generation(answer=Answer(text=_verdict(WORSE, first=first))),
        )
        for sample in list_run_samples(store, run.id)[:1]
        for kind, number in EACH.items()
        for task in range(number)
        for subject in [Subject(About.CONTROL, control=kind, task=task + 1, prompt=PROMPT_VERSION)]
        for first in (True, False)
    ]
    save_generations(store, run, rows)


def _verdict(said: Preference, *, first: bool) -> str:
    letter = "tie" if said is TIE else "A" if (said is BETTER) is first else "B"
    return json.dumps({"reason": "Because.", "verdict": letter})
