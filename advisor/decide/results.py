"""Every answer of the run that a study is decided on in one table."""

import pandas as pd

from advisor.collect.readable import text_of
from advisor.judge.run_facts import answered_or_newest
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.models import list_models
from advisor.store.run.generations import load_generations
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import load_scores
from advisor.types import Lane, Study


def load_results(store: Store, study: Study) -> pd.DataFrame:
    """One row per baseline or candidate answer of the newest run with answers, with scores and the last message.

    Raises BadInput when the study has no run.
    """
    run = answered_or_newest(store, study)
    names = {model.id: model.name for model in list_models(store, study.id)}
    samples = {sample.id: sample for sample in load_samples(store, list_run_samples(store, run.id))}
    scores: dict[tuple[int, int], dict[str, float | bool | None]] = {}
    for scored, score in load_scores(store, run.id).items():
        value = score.passed if score.scorer == "validity" else score.value
        scores.setdefault((scored.sample_id, scored.model_id), {})[score.scorer] = value
    rows = []
    for key, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE]):
        sample = samples[key.sample_id]
        found = scores.get((key.sample_id, key.model_id), {}) if key.epoch == 1 else {}
        rows.append(
            {
                "run": run.id,
                "sample": key.sample_id,
                "use_case": sample.use_case,
                "lane": key.lane.value,
                "model": names.get(key.model_id, ""),
                "epoch": key.epoch,
                "prompt": str(sample.request.messages[-1].get("content") or ""),
                "recorded_answer": text_of(sample.answer),
                "answer": text_of(generation.answer),
                "failure": generation.failure.value if generation.failure else None,
                "error": generation.error,
                "valid": found.get("validity"),
                "target": found.get("target"),
                "agreement": found.get("agreement"),
                "pairwise": found.get("pairwise"),
                "input_tokens": generation.usage.total_input_tokens if generation.usage else None,
                "output_tokens": generation.usage.output_tokens if generation.usage else None,
                "cost_usd": generation.cost_usd,
                "ttft_s": generation.ttft_s,
                "latency_s": generation.latency_s,
                "waited_s": generation.sending.waited_s,
                "attempts": generation.sending.attempts,
            }
        )
    return pd.DataFrame(rows)
