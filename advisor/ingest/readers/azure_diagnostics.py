"""Azure OpenAI's diagnostic log, which tells that there were calls and how long they took, not what was said."""

import re
from dataclasses import dataclass, replace

from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers.azure_tables import plain_keys
from advisor.ingest.records.bodies import read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Json, Request, Sample

_NO_TEXT = "the file holds no prompts, only counts and times"
_CALLS = re.compile(r"(?i)completion|response|chat|message")
_CATEGORY = "requestresponse"


@dataclass(frozen=True)
class AzureDiagnostics:
    """Reads lines of the blob and rows of the table AzureDiagnostics, where ``properties`` may be JSON text."""

    name: str = "azure_diagnostics"
    rank: int = 16

    def matches(self, record: dict[str, Json]) -> bool:
        """An operation of a category with properties, of Azure's AI services."""
        if "category" not in record and "Category" not in record:
            return False
        record = plain_keys(record)
        if "operationname" not in record or not ("properties" in record or "properties_s" in record):
            return False
        provider = f"{record.get('resourceid')} {record.get('resourceprovider')} {record.get('_resourceid')}".lower()
        return "cognitiveservices" in provider or "model" in str(record.get("properties") or record.get("properties_s"))

    def read(self, record: dict[str, Json]) -> Sample:
        """One call; its text only where a gateway added the bodies."""
        record = plain_keys(record)
        inner = decode(record.get("properties") or record.get("properties_s"))
        inner = plain_keys(inner) if isinstance(inner, dict) else {}
        _refuse_other_lines(record)
        bodies = (decode(record.get(name) or inner.get(name)) for name in ("requestbody", "responsebody"))
        call = read_call(*bodies)
        facts = {
            "id": record.get("correlationid"),
            "timestamp": record.get("time") or record.get("timegenerated"),
            "latency_s": parse_seconds(record.get("durationms"), "ms"),
            "status_code": parse_number(record.get("resultsignature")),
            "error": _error(record),
        }
        request, reason = call.request or Request(messages=[]), call.not_replayable if call.request else _NO_TEXT
        sample = assemble(facts, request, call.reply, not_replayable=reason)
        model = inner.get("modelname") or inner.get("modeldeploymentname") or call.model
        return sample if sample.model or not isinstance(model, str) else replace(sample, model=model)


def _refuse_other_lines(record: dict[str, Json]) -> None:
    category, operation = str(record.get("category")), str(record.get("operationname"))
    if category.lower() != _CATEGORY:
        raise NotACall(f"a line of the category {category}")
    if not _CALLS.search(operation):
        raise RowRejected(f"a call of {operation}, not of a chat model")


def _error(record: dict[str, Json]) -> str | None:
    failed = str(record.get("resulttype") or "").lower() in ("failure", "failed", "error", "clienterror", "servererror")
    told = record.get("resultdescription") or record.get("resulttype")
    return str(told) if failed else None


READER = AzureDiagnostics()
