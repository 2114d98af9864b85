"""What a run was billed, by reason, and what its candidates cost beside the baseline on the same samples."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from advisor.analysis.money.spend import LEAST_PAIRS, Calls, Effect, Part, effect_of, parts_of, saved_per_1k, total_usd
from advisor.catalog.prices import price_call
from advisor.catalog.rates import costs_of
from advisor.collect.contract_prices import given_costs
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.models import list_models_of
from advisor.store.run.generations import load_generation_facts, load_generations
from advisor.store.run.runs import get_run
from advisor.store.run.tallies import tally_run
from advisor.types import Lane, Money, PartKind, Role, Run, StoredModel, Study, Usage

if TYPE_CHECKING:
    import pandas as pd

ALL = ""
"""In place of the name of a use case: all of them together."""
BILLED = ("cost_usd", *Usage.__dataclass_fields__)
"""Columns that say what a call cost and why."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What judges were asked for one reason."""

    calls: int
    billed: int | None
    """None: not known for each call."""
    usd: float | None

    @property
    def usd_per_1k(self) -> float | None:
        """Dollars per 1,000 calls."""
        billed = self.billed or self.calls
        return None if self.usd is None or not billed else 1000 * self.usd / billed


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One candidate beside the baseline in one use case, on the samples for which both have a cost."""

    use_case: str
    model: str
    n: int
    baseline_usd: float | None
    """Dollars a call."""
    candidate_usd: float | None
    saved_per_1k: Money | None
    effect: Effect
    cached: tuple[float, float] | None
    """The shares of the input tokens that came from a cache: the baseline's, the candidate's."""

    @property
    def lacks_pairs(self) -> int | None:
        """Pairs that a range needs, where there are fewer."""
        return LEAST_PAIRS if self.effect.n < LEAST_PAIRS else None

    @property
    def saving_lacks_pairs(self) -> int | None:
        """Pairs that the range of its saving needs, where there are fewer; None without any."""
        return LEAST_PAIRS if 0 < self.n < LEAST_PAIRS else None


@dataclass(frozen=True, kw_only=True)
class Spend:
    """What one run cost."""

    run: int
    """Its number in the study."""
    names: dict[int, str]
    """Of the models by their ids."""
    parts: tuple[Part, ...]
    """Baseline and candidates."""
    pairs: Asked
    """Judges about pairs of answers."""
    controls: Asked
    """Judges besides: control pairs, repeats, and single answers."""
    rates: tuple[Rate, ...]
    """Use case by use case; ALL first for every candidate."""

    @property
    def judges_usd(self) -> float | None:
        """What the judges cost; None: not known, or none was asked."""
        known = [asked.usd for asked in (self.pairs, self.controls) if asked.usd is not None]
        return sum(known) if known else None

    @property
    def usd(self) -> float | None:
        """The whole bill of the run, as far as it is known."""
        known = [usd for usd in (total_usd(self.parts), self.judges_usd) if usd is not None]
        return sum(known) if known else None

    @property
    def unbilled(self) -> int:
        """Calls whose cost is not known, though they neither failed nor were paid by an earlier run."""
        return sum(
            part.calls - part.billed for part in self.parts if part.kind not in (PartKind.REUSED, PartKind.FAILED)
        )


def measure_spend(store: Store, study: Study, run_id: int, confidence: float) -> Spend:
    """What the run cost so far. Raises BadInput when the run is gone."""
    run = get_run(store, run_id)
    models = {model.id: model for model in list_models_of(store, run)}
    facts = load_generation_facts(store, run.id)
    pairs, controls = _judged(store, run)
    return Spend(
        run=run.number,
        names={id_: model.name for id_, model in models.items()},
        parts=parts_of(facts),
        pairs=pairs,
        controls=controls,
        rates=tuple(_rates(_samples(store, study, run, facts), facts, models, run, confidence)),
    )


def _judged(store: Store, run: Run) -> tuple[Asked, Asked]:
    tally = tally_run(store, run.id)
    besides = [generation for _, generation in load_generations(store, run.id, lanes=[Lane.JUDGE], only_besides=True)]
    paid = [one.cost_usd for one in besides if one.cost_usd is not None and not one.reused]
    about_pairs = tally.judge.succeeded + tally.judge.failed
    usd = None if tally.judge.cost_usd is None else max(tally.judge.cost_usd - sum(paid), 0.0)
    return (
        Asked(calls=about_pairs, billed=None, usd=usd if about_pairs else None),
        Asked(calls=len(besides), billed=len(paid), usd=sum(paid) if paid else None),
    )


def _samples(store: Store, study: Study, run: Run, facts: "pd.DataFrame") -> "pd.DataFrame":
    """The run's samples with what the baseline's call of each cost: columns use_case, cost_usd and the tokens."""
    columns = ("id", "use_case", *BILLED)
    samples = load_sample_facts(store, study.id, columns, run_id=run.id, given=given_costs(store, study))
    samples = samples.rename(columns={"id": "sample_id"}).set_index("sample_id")[["use_case", *BILLED]]
    if run.baseline_lane is Lane.RECORDED:
        return samples
    replayed = _first_of(facts, Lane.BASELINE, None)
    return samples[["use_case"]].join(replayed[list(BILLED)])


def _first_of(facts: "pd.DataFrame", lane: Lane, model_id: int | None) -> "pd.DataFrame":
    """The first answers of a lane by sample."""
    mine = facts[(facts["lane"] == lane) & (facts["epoch"] == 1)]
    return (mine if model_id is None else mine[mine["model_id"] == model_id]).set_index("sample_id")


def _rates(
    samples: "pd.DataFrame", facts: "pd.DataFrame", models: dict[int, StoredModel], run: Run, confidence: float
) -> Iterable[Rate]:
    for model_id, model in models.items():
        if model.role is not Role.CANDIDATE:
            continue
        candidate = _first_of(facts, Lane.CANDIDATE, model_id)[[*BILLED, "failure"]]
        both = samples.join(candidate.rename(columns={name: f"{name}_candidate" for name in BILLED}), how="inner")
        same = costs_of(partial(price_call, model, at=run.state.created_at), both)
        for use_case in (ALL, *sorted(set(both["use_case"]))):
            mine = np.ones(len(both), dtype=bool) if use_case == ALL else (both["use_case"] == use_case).to_numpy()
            yield _rate(use_case, model, both[mine], same[mine], run.options.seed, confidence)


def _rate(
    use_case: str, model: StoredModel, both: "pd.DataFrame", same: "np.ndarray", seed: int, confidence: float
) -> Rate:
    answered = both["failure"].isna().to_numpy()

    def column(name: str) -> "np.ndarray":
        return both[name].to_numpy(dtype=float)

    def tokens(suffix: str, *kinds: str) -> "np.ndarray":
        """Of pairs with an answer: a call that failed tells nothing of how much a model writes."""
        return np.where(answered, sum(column(f"{kind}_tokens{suffix}") for kind in kinds), np.nan)

    ours, theirs = column("cost_usd"), column("cost_usd_candidate")
    costs = ~(np.isnan(ours) | np.isnan(theirs))
    inputs = ("input", "cache_read", "cache_write")
    calls = Calls(
        baseline_usd=ours,
        candidate_usd=theirs,
        baseline_input=tokens("", *inputs),
        candidate_input=tokens("_candidate", *inputs),
        baseline_output=tokens("", "output"),
        candidate_output=tokens("_candidate", "output"),
        same_tokens_usd=same,
    )
    return Rate(
        use_case=use_case,
        model=model.name,
        n=int(costs.sum()),
        baseline_usd=float(ours[costs].mean()) if costs.any() else None,
        candidate_usd=float(theirs[costs].mean()) if costs.any() else None,
        saved_per_1k=saved_per_1k(calls, seed, confidence),
        effect=effect_of(calls, seed, confidence),
        cached=_cached(tokens, inputs),
    )


def _cached(tokens: "Callable[..., np.ndarray]", inputs: Sequence[str]) -> tuple[float, float] | None:
    read = [float(np.nansum(tokens(suffix, "cache_read"))) for suffix in ("", "_candidate")]
    of = [float(np.nansum(tokens(suffix, *inputs))) for suffix in ("", "_candidate")]
    return (read[0] / of[0], read[1] / of[1]) if all(of) and any(read) else None
