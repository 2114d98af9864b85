"""Runs of Lunary, from its API or as exported; a run of the type ``llm`` is a call, and its name is the model."""

from dataclasses import replace

from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotACall, Reader, Record
from advisor.ingest.readers.trace_tools import as_sent, columns_in, filled, find_session, find_use_case, read_apart
from advisor.ingest.records.bodies import Call, read_answer
from advisor.ingest.values.json_text import as_text, at, decode, object_in
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Sample

_ALWAYS = frozenset({"type", "name", "createdat", "endedat", "input", "output"})
_OWN = frozenset({"templateversionid", "templateslug", "siblingrunid", "parentfeedback", "ispublic", "tokens"})


def _matches(record: Record) -> bool:
    columns = columns_in(key.partition(".")[0] for key in record)
    return columns >= _ALWAYS and not _OWN.isdisjoint(columns)


def _read(record: Record) -> Sample:
    row = filled(record, ("tokens", "metadata", "params", "user"))
    kind = str(row.get("type")).lower()
    if kind != "llm":
        raise NotACall(f"a run of the type {kind}")
    metadata, tokens = object_in(row.get("metadata")), object_in(row.get("tokens"))
    begun = parse_time(row.get("createdat"))
    error = decode(row.get("error"))
    is_failed = str(row.get("status")).lower() == "error"
    around: Record = {
        "id": row.get("id"),
        "timestamp": begun,
        "latency_s": seconds_between(begun, parse_time(row.get("endedat"))),
        "cost_usd": parse_number(row.get("cost")) or None,
        "session_id": find_session(metadata) or row.get("traceid") or row.get("parentrunid"),
        "use_case": find_use_case(metadata, prompt=row.get("templateslug"), tags=row.get("tags")),
        "model": row.get("name"),
        "error": (at(error, "message") or as_text(error) if error else "logged as an error") if is_failed else None,
    }
    usage = Counts(given=tokens.get("prompt"), taken=tokens.get("completion"), read=tokens.get("cachedprompt")).usage()
    is_told = usage is not None and bool(usage.input_tokens or usage.output_tokens)
    return _call(row).sample(around, usage if is_told else None)


def _call(row: Record) -> Call:
    asked, came = decode(row.get("input")), decode(row.get("output"))
    reply = read_answer(came) if came else Call().reply
    if not asked:
        return Call(not_replayable="the run holds no prompt", reply=reply)
    params = as_sent(object_in(row.get("params"))) | {"model": row.get("name")}
    messages: Json = [asked] if isinstance(asked, dict) and "role" in asked else asked
    return replace(read_apart(messages, params), reply=reply)


READER = Reader(name="lunary", rank=14, matches=_matches, read=_read)
