"""Instructions with their outputs, as Alpaca and AlpacaEval have them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from advisor.ingest.readers.sharegpt import sample_of, tools_of
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Sample

_OWN_KEYS = frozenset({
    "instruction", "input", "output", "history", "system", "text", "id", "generator", "dataset", "datasplit", "source",
    "tools", "category", "model", "images", "type", "score", "lang", "language",
})  # fmt: skip
"""With other keys, and no input, a record is a row of somebody's own table with a column of that name."""


@dataclass(frozen=True)
class Alpaca:
    """Reads records with ``instruction`` and ``output``."""

    name: str = "alpaca"
    rank: int = 35

    def matches(self, record: dict[str, Json]) -> bool:
        """Both are texts, and nothing tells that this is a table of one's own."""
        if not isinstance(record.get("instruction"), str) or not isinstance(record.get("output"), str):
            return False
        return isinstance(record.get("input"), str) or "generator" in record or _OWN_KEYS.issuperset(record)

    def read(self, record: dict[str, Json]) -> Sample:
        """System prompt, earlier turns, then the instruction with its input below it."""
        history = decode(record.get("history"))
        messages: list[dict[str, Json]] = [
            {"role": role, "content": text}
            for pair in (history if isinstance(history, list) else [])
            if isinstance(pair, list | tuple) and len(pair) == 2
            for role, text in zip(("user", "assistant"), pair, strict=True)
        ]
        system = record.get("system")
        if isinstance(system, str) and system.strip():
            messages.insert(0, {"role": "system", "content": system})
        given = record.get("input")
        asked = [text for text in (record.get("instruction"), given) if isinstance(text, str) and text.strip()]
        if asked:
            messages.append({"role": "user", "content": "\n".join(asked)})
        if record.get("output"):
            messages.append({"role": "assistant", "content": record["output"]})
        tools = tools_of(record.get("tools"))
        around = record | {"model": record.get("generator") or record.get("model"), "tools": None}
        sample = sample_of(around, messages, params={"tools": tools} if tools else {})
        dataset = record.get("dataset")
        return replace(sample, use_case=sample.use_case or (dataset if isinstance(dataset, str) and dataset else None))


@dataclass(frozen=True)
class Annotations:
    """Opens AlpacaEval's annotations: two outputs for one instruction. Their price and time are the judge's."""

    name: str = "alpaca"

    def opens(self, keys: frozenset[str]) -> bool:
        """The two outputs and who wrote them."""
        return {"instruction", "output_1", "output_2", "generator_1", "generator_2"} <= keys

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """One record for each output."""
        return [
            {
                "instruction": record["instruction"],
                "output": record[f"output_{number}"],
                "generator": record[f"generator_{number}"],
                "dataset": record.get("dataset"),
            }
            for number in (1, 2)
        ]


READER = Alpaca()
OPENER = Annotations()
