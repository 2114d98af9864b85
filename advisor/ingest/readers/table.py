"""Rows with a column each for prompt, answer and what is known about the call."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.ingest.homemade.cells import tells_of_file
from advisor.ingest.homemade.prompt_strings import messages_of
from advisor.ingest.homemade.turn_lists import as_messages, system_text
from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import COMMON_PARAMS, clean_tool_calls, read_request, with_system
from advisor.ingest.messages.usage import Counts, as_told, both_sides, read_usage
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.openai_chat import guess, param_in
from advisor.ingest.records.bodies import read_answer
from advisor.ingest.records.columns import HISTORIES, pick, plain_headers
from advisor.ingest.records.envelope import find_failure, find_label, is_known, with_others
from advisor.ingest.records.quantities import lasted, money, seconds
from advisor.ingest.values.json_text import as_text, at, decode, list_in, lone, object_in, text_in, written
from advisor.ingest.values.numbers import parse_count
from advisor.ingest.values.times import parse_time
from advisor.types import Answer, CallIds, Json, Metered, Reference, Request, Sample, ToolCall, Usage

_ATTACHED = frozenset({
    "attachment", "attachments", "attached_file", "attached_files", "file_attachments", "attachment_url",
    "attachment_urls", "attachment_name", "attachment_names", "attachment_count", "num_attachments", "has_attachment",
    "has_attachments",
})  # fmt: skip
_FACTS = COMMON_PARAMS | _ATTACHED | {
    "instruction", "error", "error_message", "status", "status_code", "http_status", "response_status", "usage",
    "token_usage", "usage_metadata", "tool_calls", "finish_reason", "ttft",
}  # fmt: skip
_LISTS = frozenset({"messages", "target", "any_of"})
"""Roles for which a list of one text stays a list."""
_OUTSIDE_INPUT = frozenset({"cache_read_input_tokens", "cache_creation_input_tokens", "cache_write_input_tokens"})
"""Anthropic's names: what is counted there is not in the input tokens."""
_TOTALS = frozenset({
    "total", "totals", "grand total", "sum", "subtotal", "summe", "gesamt", "gesamtsumme", "insgesamt", "totale",
    "totaal", "suma", "soma", "somme", "razem", "celkem", "合计", "总计", "小计", "合計", "小計", "総計",
    "합계", "총계", "итого", "всего",
})  # fmt: skip
_NUMBER = re.compile(r"[\d.,\s]*")


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A table as table_reader is told about it."""

    columns: dict[str, str]
    """Empty: guessed from each record's keys."""
    month_first: bool
    units: dict[str, str]

    def matches(self, record: Record) -> bool:
        """A column that reads like a prompt holds text or messages."""
        columns = self.columns or guess(tuple(record))
        prompt, messages = (pick(record, columns[role]) if role in columns else None for role in ("prompt", "messages"))
        return isinstance(prompt, str) or isinstance(decode(messages), list)

    def read(self, record: Record) -> Sample:
        """One row; an empty answer means that none was recorded."""
        columns = self.columns or guess(tuple(record))
        cells = {
            role: cell if role in _LISTS else lone(cell)
            for role, column in columns.items()
            for cell in [pick(record, column)]
        }
        facts = {name: record[header] for name, header in _beside(tuple(record)) if record[header] not in (None, "")}
        if _are_totals(cells, record):
            raise RowRejected("a row of totals")
        messages = _messages(cells, columns, facts)
        reply = _reply(_first(cells.get("answer"), columns.get("answer", "")), facts)
        last = messages[-1] if isinstance(messages[-1], dict) else {}
        is_conversation = (
            reply.answer is None and last.get("role") == "assistant" and len(messages) > 1 and not reply.error
        )
        if is_conversation:
            reply, messages = read_reply(last), messages[:-1]
        if any(tells_of_file(facts[name]) for name in _ATTACHED & facts.keys()):
            messages = [*messages[:-1], _with_file(messages[-1])]
        request, reason = read_request({**_params(cells, facts), "messages": messages, "model": cells.get("model")})
        error, refusal = find_failure(facts | {"error": facts.get("error", facts.get("error_message"))}, reply)
        label = cells.get("use_case")
        usage = next((facts[name] for name in ("usage", "token_usage", "usage_metadata") if name in facts), None)
        begun = parse_time(cells.get("time"), month_first=self.month_first)
        reference = _reference(columns.get("target", ""), cells.get("target"), request)
        return Sample(
            request=request,
            answer=reply.answer,
            use_case=None if label in (None, "") else find_label({"tags": label}) or text_in(label),
            model=text_in(cells.get("model")) or reply.model,
            ids=CallIds(
                external_id=text_in(cells.get("id")),
                response_id=reply.response_id,
                session=text_in(cells.get("session")),
            ),
            metered=Metered(
                usage=_usage(cells, columns) or read_usage(usage) or reply.usage,
                cost_usd=money(cells.get("cost"), columns.get("cost", "")),
                latency_s=lasted(cells.get("latency"), columns.get("latency", ""), self.units.get("latency"), begun),
                ttft_s=seconds(cells.get("ttft"), columns.get("ttft", ""), self.units.get("ttft")),
                at=begun or parse_time(reply.created),
            ),
            reference=with_others(reference, cells.get("any_of"), request),
            error=error,
            not_replayable=reason or refusal,
            is_conversation=is_conversation,
        )


def _are_totals(cells: dict[str, Json], record: Record) -> bool:
    """Whether a row adds up those above it: a cell says so, its prompt is a number at most, and so is its answer."""
    asked = cells.get("prompt")
    is_asked = isinstance(asked, str) and not _is_total(asked) and not _NUMBER.fullmatch(asked)
    answer = cells.get("answer")
    is_answered = answer not in (None, "") and not (_is_total(asked) and _NUMBER.fullmatch(str(answer)))
    if is_asked or is_answered or cells.get("messages") not in (None, ""):
        return False
    return any(map(_is_total, record.values()))


def _is_total(cell: Json) -> bool:
    return isinstance(cell, str) and cell.strip(" :=.,0123456789").lower() in _TOTALS


def _messages(cells: dict[str, Json], columns: dict[str, str], facts: dict[str, Json]) -> list[Json]:
    messages = decode(cells.get("messages"))
    messages = as_messages(messages, columns.get("messages", "")) or messages
    is_history = _plain_name(columns.get("messages", "")) in HISTORIES
    if not isinstance(messages, list) or not messages:
        messages = _prompt_messages(cells.get("prompt"), columns, facts)
    elif cells.get("prompt") not in (None, "") and (is_history or _ends_before(messages, cells.get("answer"))):
        messages = [*_earlier(messages), *_prompt_messages(cells.get("prompt"), columns, facts)]
    return with_system(system_text(cells.get("system"), columns.get("system", "")), messages)


def _with_file(message: Json) -> Json:
    """The message with a part for a file, which the log doesn't hold."""
    said = at(message, "content")
    parts = said if isinstance(said, list) else [{"type": "text", "text": said}]
    return {**message, "content": [*parts, {"type": "file"}]} if isinstance(message, dict) else message


def _ends_before(messages: list[Json], answer: Json) -> bool:
    """Whether the messages end with an answer that isn't the recorded one, so that the prompt comes after them."""
    last = messages[-1]
    return bool(at(last, "role") == "assistant" and at(last, "content") != answer)


def _earlier(history: list[Json]) -> list[Json]:
    """Turns before the prompt: messages, or pairs of question and answer."""
    return [
        message
        for turn in history
        for message in (
            [{"role": role, "content": text} for role, text in zip(("user", "assistant"), turn, strict=False)]
            if isinstance(turn, list)
            else [turn]
        )
    ]


def _prompt_messages(prompt: Json, columns: dict[str, str], facts: dict[str, Json]) -> list[Json]:
    decoded = decode(prompt)
    if isinstance(decoded, dict) and isinstance(decoded.get("messages"), list):
        decoded = decoded["messages"]
    if isinstance(decoded, dict) and "role" in decoded and "content" in decoded:
        decoded = [decoded]
    if isinstance(decoded, list) and decoded and all(isinstance(item, dict) and "role" in item for item in decoded):
        return decoded
    text = written(prompt)
    instruction = facts.get("instruction")
    if isinstance(instruction, str) and _plain_name(columns.get("prompt", "")) == "input":
        text = f"{instruction}\n{text}" if text.strip() else instruction
    if not text.strip():
        raise RowRejected("no prompt found")
    return messages_of(text)


def _first(answer: Json, column: str) -> Json:
    """The text in a list of one, or the first of several answers where the column is named for several."""
    answers = list_in(answer) if isinstance(answer, list) or _plain_name(column).endswith("s") else []
    is_one = len(answers) == 1 or (isinstance(answer, str) and answers)
    return answers[0] if is_one and all(isinstance(each, str) for each in answers) else answer


def _reply(answer: Json, facts: dict[str, Json]) -> Reply:
    reply = _said(answer)
    calls = clean_tool_calls({"tool_calls": decode(facts.get("tool_calls"))})
    if calls and (reply.answer is None or not reply.answer.tool_calls):
        asked = tuple(ToolCall(**call["function"]) for call in calls)
        reply = replace(reply, answer=replace(reply.answer or Answer(), tool_calls=asked))
    reason = facts.get("finish_reason")
    if isinstance(reason, str) and reply.answer and reply.answer.finish_reason is None:
        reply = replace(reply, answer=replace(reply.answer, finish_reason=reason))
    return reply


def _said(answer: Json) -> Reply:
    """A text, which may hold a response body; a message or messages; else the object that a model was asked for."""
    if answer is None or answer == "":
        return Reply()
    if isinstance(answer, list) and answer and all(isinstance(at(item, "message"), dict) for item in answer):
        answer = {"choices": answer}
    items = answer if isinstance(answer, list) else [answer]
    is_body = all(at(item, "choices") is not None or at(item, "role") == "assistant" for item in items)
    return read_answer(answer) if is_body or isinstance(answer, str) else Reply(answer=Answer(text=as_text(answer)))


def _params(cells: dict[str, Json], facts: dict[str, Json]) -> dict[str, Json]:
    """Parameters of the request: of a column that holds all of them, and of columns of their own."""
    own = {name: param_in(name, value) for name, value in facts.items() if name in COMMON_PARAMS}
    return object_in(cells.get("params")) | own


def _usage(cells: dict[str, Json], columns: dict[str, str]) -> Usage | None:
    given, told = both_sides(cells.get("input_tokens"), cells.get("output_tokens"))
    taken = parse_count(told)
    usage = Counts(
        given=given,
        taken=taken,
        read=cells.get("cache_read_tokens"),
        written=cells.get("cache_write_tokens"),
        reasoning=min(parse_count(cells.get("reasoning_tokens")) or 0, taken or 0),
        is_apart=_plain_name(columns.get("cache_read_tokens", "")) in _OUTSIDE_INPUT,
    ).usage()
    return as_told(usage, given=given, taken=taken)


def _reference(column: str, target: Json, request: Request) -> Reference | None:
    """The right answer in a cell (see is_known), objects and lists decoded."""
    if not column or not is_known(column, target, request):
        return None
    return Reference(None if target == "null" else decode(target))


@lru_cache(maxsize=64)
def _beside(headers: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Columns that mean something without being a role: plain name and header."""
    return tuple((name, header) for name, header in plain_headers(headers).items() if name in _FACTS)


@lru_cache(maxsize=256)
def _plain_name(header: str) -> str:
    return next(iter(plain_headers([header])), "")


def table_reader(
    columns: dict[str, str] | None = None, *, month_first: bool = False, units: dict[str, str] | None = None
) -> Reader:
    """Reads CSV rows and flat JSON records by the meaning of their columns.

    ``columns`` leads from role to column, ``units`` from the role of a column of durations to its unit, ``s`` or
    ``ms``, where its name tells none; ``month_first`` reads 05/03/2025 as 3 May.
    """
    table = _Table(columns=columns or {}, month_first=month_first, units=units or {})
    return Reader(name="table", rank=90, matches=table.matches, read=table.read)


READER = table_reader()
