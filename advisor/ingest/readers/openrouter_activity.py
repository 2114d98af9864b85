"""OpenRouter's list of calls, as its activity page and its API of generations give it: costs and times, no text."""

from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import Reply, response_id_of
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import RowRejected
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.types import Json, Request, Sample, Usage

_NO_TEXT = "the file holds no prompts, only counts, times and costs"
_TRUE = ("true", "1", "yes")


@dataclass(frozen=True)
class OpenRouterActivity:
    """Reads one call; the counts that the provider itself made are taken where the row has them."""

    name: str = "openrouter_activity"
    rank: int = 13

    def joins(self, keys: frozenset[str]) -> bool:
        """The list of calls."""
        return {key.lower() for key in keys} >= {"generation_id", "model_permaslug"}

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The id of the generation: its row waits until all is read, for another file may hold the text of the call."""
        return next((_id(value) for key, value in record.items() if key.lower() == "generation_id"), None)

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The last row of the generation."""
        return parts[-1]

    def matches(self, record: dict[str, Json]) -> bool:
        """A generation with its cost, or a day's total."""
        keys = {key.lower() for key in record}
        return (
            keys >= {"generation_id", "model_permaslug"}
            or keys >= {"id", "total_cost", "tokens_prompt", "generation_time"}
            or keys >= {"date", "model_permaslug", "requests", "usage"}
        )

    def read(self, record: dict[str, Json]) -> Sample:
        """Reasoning is part of the completion, cached tokens are part of the prompt, as OpenAI counts."""
        record = {key.lower(): value for key, value in record.items() if value != ""}
        if "requests" in record:
            raise RowRejected("a day's total, not a call; export single generations")
        identity = record.get("generation_id") or record.get("id")
        label = record.get("app_name")
        facts = {
            "id": identity,
            "timestamp": record.get("created_at"),
            "latency_s": parse_seconds(record.get("generation_time_ms", record.get("generation_time")), "ms"),
            "ttft_s": parse_seconds(record.get("time_to_first_token_ms", record.get("latency")), "ms"),
            "cost_usd": _cost(record),
            "model": record.get("model_permaslug") or record.get("model"),
            "use_case": label if isinstance(label, str) else None,
            "error": _error(record),
        }
        sample = assemble(facts, Request(messages=[]), Reply(), not_replayable=_NO_TEXT)
        return replace(sample, usage=_usage(record), response_id=response_id_of(identity))


def _id(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _cost(record: dict[str, Json]) -> float | None:
    """What OpenRouter took, and what a provider took on the team's own key."""
    cost = parse_number(record.get("cost_total", record.get("total_cost")))
    own = parse_number(record.get("byok_usage_inference"))
    return cost + own if cost is not None and own else cost


def _usage(record: dict[str, Json]) -> Usage | None:
    def count(name: str) -> int | None:
        native = parse_count(record.get(f"native_tokens_{name}"))
        return parse_count(record.get(f"tokens_{name}")) if native is None else native

    return read_usage(
        {
            "prompt_tokens": count("prompt"),
            "completion_tokens": count("completion"),
            "prompt_tokens_details": {"cached_tokens": count("cached")},
            "completion_tokens_details": {"reasoning_tokens": count("reasoning")},
        }
    )


def _error(record: dict[str, Json]) -> str | None:
    if str(record.get("cancelled")).lower() in _TRUE:
        return "the call was cancelled"
    reason = record.get("finish_reason_normalized") or record.get("finish_reason")
    return "logged as error" if reason == "error" else None


READER = OpenRouterActivity()
JOINER = READER
