"""Which column of a table means what: synonyms, and a person's own choice over them."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from advisor.errors import BadInput
from advisor.types import Json

SYNONYMS: dict[str, tuple[str, ...]] = {
    "messages": ("messages", "conversation", "chat_history"),
    "prompt": (
        "prompt", "input", "question", "query", "user", "user_message", "user_prompt", "instruction", "request", "text",
        "content", "message", "frage", "demande",
    ),
    "system": ("system", "system_prompt", "system_message", "instructions", "context"),
    "answer": (
        "response", "output", "answer", "completion", "assistant", "generated_text", "reply", "result", "response_json",
        "response_text", "antwort", "reponse",
    ),
    "model": ("model", "model_name", "engine", "deployment", "llm", "modele", "modell", "modelo"),
    "time": ("timestamp", "created_at", "date", "time", "datetime", "ts", "created", "datum", "fecha"),
    "input_tokens": ("input_tokens", "prompt_tokens", "tokens_in", "tokens_input", "tokens_prompt"),
    "output_tokens": ("output_tokens", "completion_tokens", "tokens_out", "tokens_output", "tokens_completion"),
    "latency": (
        "latency", "latency_ms", "latency_s", "latency_seconds", "duration", "duration_ms", "duration_s",
        "response_time", "response_time_ms", "elapsed", "elapsed_ms",
    ),
    "cost": ("cost", "cost_usd", "total_cost", "price", "spend", "cout", "kosten", "coste"),
    "id": ("id", "request_id", "trace_id", "uid"),
    "session": ("session_id", "conversation_id", "thread_id", "chat_id", "session"),
    "use_case": ("use_case", "feature", "route", "prompt_name", "tag", "tags", "version", "category"),
    "target": ("expected", "label", "target", "ground_truth", "gold", "reference", "expected_output"),
    "params": ("params", "parameters", "model_parameters"),
}  # fmt: skip
ROLES = tuple(SYNONYMS)


def guess_columns(headers: Iterable[str]) -> dict[str, str]:
    """Role to column by the usual names (case, spaces, accents and units do not matter). A column has one role."""
    spelled: dict[str, str] = {}
    for header in headers:
        spelled.setdefault(_plain(header), header)
    found: dict[str, str] = {}
    for role, synonyms in SYNONYMS.items():
        column = next((spelled[name] for name in synonyms if name in spelled), None)
        if column is not None and column not in found.values():
            found[role] = column
    return found


def choose_columns(path: Path, headers: tuple[str, ...], chosen: dict[str, str]) -> dict[str, str]:
    """The guess with a person's choices over it; raises BadInput for an unknown role or column."""
    for role, column in chosen.items():
        if role not in ROLES:
            raise BadInput(f"{role!r} is not something a column can mean. Use one of: {', '.join(ROLES)}.")
        if column not in headers and column.partition(".")[0] not in headers:
            raise BadInput(f"{path.name} has no column {column!r}. Its columns are: {', '.join(headers) or 'none'}.")
    guess = {role: column for role, column in guess_columns(headers).items() if column not in chosen.values()}
    return guess | chosen


def pick(record: dict[str, Json], column: str) -> Json:
    """The value of a column; a dotted name reaches into nested objects where no column has that name."""
    if column in record or "." not in column:
        return record.get(column)
    value: Json = record
    for key in column.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def unit_of(column: str) -> str | None:
    """The unit of time that a column's name tells: ``s``, ``ms`` or None."""
    words = re.split(r"[^a-z]+", column.lower())
    if {"ms", "milliseconds", "millis"} & set(words):
        return "ms"
    return "s" if {"s", "sec", "secs", "seconds"} & set(words) else None


def _plain(header: str) -> str:
    bare = unicodedata.normalize("NFKD", re.sub(r"\(.*?\)", "", header))
    ascii_only = "".join(letter for letter in bare if not unicodedata.combining(letter))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", ascii_only.strip())
    return re.sub(r"[\W_]+", "_", snake).strip("_").lower()
