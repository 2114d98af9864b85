"""The calls of a study as the options to stay read them, and the step from the log to the month."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.analysis.money.cost import monthly_calls
from advisor.analysis.money.traffic import count_repeats
from advisor.analysis.quality.columns import Array
from advisor.catalog.rates import Rates
from advisor.collect.contract_prices import given_costs, given_rates
from advisor.money.profile import BATCH_FORMATS
from advisor.money.prompt_caching import rates_of
from advisor.store import Store
from advisor.store.log.calls import Calls, load_calls
from advisor.store.log.logs import list_logs, load_sample_facts
from advisor.store.log.traffic import sum_traffic
from advisor.types import Message, OptionStep, PriceSource, Study, Usage

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "id", "use_case", "session", "model", *Usage.__dataclass_fields__, "logged_cost_usd", "cost_usd", "price_source",
    "latency_s", "at", "error", "not_replayable", "request_digest",
)  # fmt: skip
"""What is read of every call."""


@dataclass(frozen=True, kw_only=True)
class LoggedCalls:
    """What every option reads."""

    calls: "pd.DataFrame"
    near: int
    """Further answers to a prompt that comes near one before."""
    replayable: int
    """Answers to prompts that are whole: those that were looked at for it."""
    formats: tuple[str, ...]
    given: Mapping[str, Rates]
    """Prices given for this study by the model as the log names it."""
    a_month: float | None
    """How many calls a month one logged call stands for."""
    traffic_share: float

    def rates_of(self, model: str) -> Rates | None:
        """What short calls of a logged model cost by the token: as given for this study, else by today's list."""
        return self.given.get(model) or rates_of(model, None)

    def part(self) -> tuple[Message, ...]:
        """That a part of the traffic hides what its calls share with the rest."""
        return () if self.traffic_share == 1 else (Message.of(OptionStep.PART_OF_TRAFFIC),)

    def times(self) -> Message:
        """The step from the log to the month."""
        if self.a_month is None:
            return Message.of(OptionStep.NO_MONTH)
        return Message.of(OptionStep.A_MONTH, calls=self.a_month)


def read_calls(store: Store, study: Study, calls: Calls | None = None) -> LoggedCalls:
    """All calls of a study but those of ignored use cases; ``calls`` are the same as arrays, if they are at hand."""
    calls = calls or load_calls(store, study.id, batch_formats=BATCH_FORMATS)
    fit = calls.replayable & ~calls.failed
    return LoggedCalls(
        calls=load_sample_facts(store, study.id, COLUMNS, given=given_costs(store, study)),
        near=count_repeats(calls.request[fit], calls.near[fit])[1],
        replayable=int(fit.sum()),
        formats=tuple(log.format for log in list_logs(store, study.id)),
        given=given_rates(store, study),
        a_month=calls_a_month(store, study),
        traffic_share=study.traffic_share,
    )


def calls_a_month(store: Store, study: Study) -> float | None:
    """How many calls a month one logged call stands for; None: the log has no times."""
    sums = sum_traffic(store, study.id)
    return monthly_calls(1, sums.first_at, sums.last_at, study.traffic_share)


def not_free(calls: "pd.DataFrame") -> "pd.DataFrame":
    """Without calls that cost nothing, as answers from a cache: there is nothing to save."""
    return calls[calls["cost_usd"].ne(0)]


def priced_answers(log: LoggedCalls) -> "tuple[pd.DataFrame, Array]":
    """Answers that were paid for, with model and tokens, and the dollars a token of each, shape (n, 4); NaN: no price.

    The kinds of tokens are Usage.BILLED.
    """
    paid = not_free(log.calls)
    calls = paid[paid["output_tokens"].notna() & paid["model"].notna() & paid["error"].isna()]
    rates = {model: log.rates_of(str(model)) for model in calls["model"].unique()}
    unknown = (np.nan,) * len(Usage.BILLED)
    each = [one[: len(unknown)] if (one := rates[model]) else unknown for model in calls["model"]]
    return calls, np.array(each, dtype=float).reshape(-1, len(unknown))


def is_tier_priced(calls: "pd.DataFrame") -> Array:
    """Whether each call has the price of a batch, another tier or a geography, shape (n,); False for logged costs."""
    codes = calls["price_source"]
    tiered = [code for code in codes.dropna().unique() if not PriceSource.of(code).is_standard]
    return codes.isin(tiered).to_numpy()


def codes(values: "pd.Series[Any]") -> Array:
    """Equal numbers for equal values, 0 where there is none."""
    import pandas as pd

    return pd.factorize(values)[0] + 1


def times_of(calls: "pd.DataFrame") -> Array:
    """When each call began: datetime64[us] in UTC, NaT where unknown, shape (n,)."""
    import pandas as pd

    return pd.to_datetime(calls["at"], utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[us]")


def seconds_of(calls: "pd.DataFrame") -> Array:
    """The same in seconds, NaN where unknown."""
    times = times_of(calls)
    return np.where(np.isnat(times), np.nan, times.astype(np.int64) / 1e6)
