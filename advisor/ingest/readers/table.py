"""Rows with a column each for prompt, answer and what is known about the call."""

from dataclasses import dataclass, field
from functools import lru_cache

import orjson

from advisor.ingest.cell import decode, parse_count, parse_number, parse_seconds, parse_time
from advisor.ingest.columns import guess_columns, pick, unit_of
from advisor.ingest.completion import Reply, read_reply
from advisor.ingest.conversation import read_request
from advisor.ingest.envelope import find_failure, find_label, is_known
from advisor.ingest.reader import RowRejected
from advisor.types import Answer, Json, Request, Sample, Usage


@dataclass(frozen=True)
class Table:
    """Reads CSV rows and flat JSON records by the meaning of their columns."""

    name: str = "table"
    rank: int = 90
    columns: dict[str, str] = field(default_factory=dict, hash=False)
    """Role to column; empty: guessed from each record's keys."""
    month_first: bool = False
    """Whether 05/03/2025 is 3 May in this file."""

    def matches(self, record: dict[str, Json]) -> bool:
        """A column that reads like a prompt holds text or messages."""
        columns = self.columns or _guess(tuple(record))
        prompt, messages = (pick(record, columns[role]) if role in columns else None for role in ("prompt", "messages"))
        return isinstance(prompt, str) or isinstance(decode(messages), list)

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one row; an empty answer means that none was recorded."""
        columns = self.columns or _guess(tuple(record))
        cells = {role: pick(record, column) for role, column in columns.items()}
        messages = self._messages(cells)
        reply = self._reply(cells.get("answer"))
        if reply.answer is None and messages[-1].get("role") == "assistant" and len(messages) > 1 and not reply.error:
            reply, messages = read_reply(messages[-1]), messages[:-1]
        params = decode(cells.get("params"))
        body = params if isinstance(params, dict) else {}
        request, reason = read_request(body | {"messages": messages, "model": cells.get("model")})
        error, refusal = find_failure(record, reply)
        label = cells.get("use_case")
        has_target, target = _target(columns.get("target", ""), cells.get("target"), request)
        return Sample(
            request=request,
            answer=reply.answer,
            use_case=find_label({"tags": label}) or _text(label),
            external_id=_text(cells.get("id")),
            response_id=reply.response_id,
            session=_text(cells.get("session")),
            model=_text(cells.get("model")) or reply.model,
            usage=_usage(cells) or reply.usage,
            cost_usd=parse_number(cells.get("cost")),
            latency_s=parse_seconds(cells.get("latency"), unit_of(columns.get("latency", ""))),
            at=parse_time(cells.get("time"), month_first=self.month_first) or parse_time(reply.created),
            target=target,
            has_target=has_target,
            error=error,
            not_replayable=reason or refusal,
        )

    def _messages(self, cells: dict[str, Json]) -> list[Json]:
        messages = decode(cells.get("messages"))
        if not isinstance(messages, list) or not messages:
            messages = self._prompt_messages(cells.get("prompt"))
        system = cells.get("system")
        if isinstance(system, str) and system.strip():
            messages = [{"role": "system", "content": system}, *messages]
        return messages

    def _prompt_messages(self, prompt: Json) -> list[Json]:
        decoded = decode(prompt)
        if isinstance(decoded, dict) and isinstance(decoded.get("messages"), list):
            decoded = decoded["messages"]
        if isinstance(decoded, list) and decoded and all(isinstance(item, dict) and "role" in item for item in decoded):
            return decoded
        if prompt is None or (isinstance(prompt, str) and not prompt.strip()):
            raise RowRejected("no prompt found")
        return [{"role": "user", "content": prompt if isinstance(prompt, str) else orjson.dumps(prompt).decode()}]

    def _reply(self, answer: Json) -> Reply:
        if answer is None or answer == "":
            return Reply()
        decoded = decode(answer)
        is_body = isinstance(decoded, dict) and ("choices" in decoded or decoded.get("role") == "assistant")
        if is_body or isinstance(answer, str):
            return read_reply(decoded if is_body else answer)
        return Reply(answer=Answer(text=orjson.dumps(answer).decode()))


@lru_cache(maxsize=64)
def _guess(headers: tuple[str, ...]) -> dict[str, str]:
    return guess_columns(headers)


def _usage(cells: dict[str, Json]) -> Usage | None:
    given, taken = parse_count(cells.get("input_tokens")), parse_count(cells.get("output_tokens"))
    if given is None and taken is None:
        return None
    return Usage(input_tokens=given or 0, output_tokens=taken or 0)


def _target(column: str, target: Json, request: Request) -> tuple[bool, Json]:
    """Whether the cell tells the right answer (see is_known), and it, objects and lists decoded."""
    if not column or not is_known(column, target, request):
        return False, None
    return True, None if target == "null" else decode(target)


def _text(value: Json) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int | float) and not isinstance(value, bool) else None


READER = Table()
