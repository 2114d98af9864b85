"""Answers from a file, written for the sample study or recorded once: a model without a network."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from advisor.errors import CallError, ModelUnavailable
from advisor.llm.client import Client
from advisor.types import Answer, Clock, FailureKind, Generation, Json, Request, ToolCall, Usage

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
FILE = Path("sample") / "illustrative.jsonl"


def request_digest(request: Request) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of a request's messages."""
    return hashlib.sha256(canonical(request)).hexdigest()


def canonical(request: Request) -> bytes:
    """The messages of a request as JSON with sorted keys. Raises TypeError for what no JSON can hold."""
    return orjson.dumps(request.messages, option=_CANONICAL)


class WrittenClient(Client):
    """Answers from a file, by the digest of the request."""

    clock = Clock.NONE

    def __init__(self, path: Path) -> None:
        """Read the file. Raises ModelUnavailable when it is missing or damaged."""
        self._rows: dict[str, dict[str, Any]] = {}
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise ModelUnavailable(
                f"The written answers in {path} can't be read ({error.strerror}); restore the file."
            ) from None
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                self._rows[row["digest"]] = row
            except (ValueError, KeyError, TypeError):
                raise ModelUnavailable(f"{path}, line {number}, is not a written answer; restore the file.") from None

    async def complete(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        """The written answer. Raises CallError (NOT_FOUND) for a request that has none."""
        row = self._rows.get(request_digest(request))
        if row is None:
            raise CallError("no answer was written for this request", kind=FailureKind.NOT_FOUND)
        calls = tuple(
            ToolCall(name=call["name"], arguments=_json_text(call["arguments"])) for call in row.get("tool_calls") or ()
        )
        usage = row.get("usage")
        ended = row.get("finish_reason") or ("tool_calls" if calls else "stop")
        return Generation(
            answer=Answer(text=row.get("text"), tool_calls=calls, finish_reason=ended),
            usage=Usage(**usage) if usage else None,
            ttft_s=row.get("ttft_s"),
            latency_s=row.get("latency_s"),
            dropped_params=tuple(row.get("dropped_params", ())),
            at=datetime.now(UTC),
        )


def _json_text(arguments: Json) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)
