"""CloudWatch's ways to hand out log events, whose message is a record of its own in JSON text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from advisor.ingest.values.json_text import decode
from advisor.types import Json

_OF_EVENT = frozenset({"ingestionTime", "eventId", "logStreamName", "logStream", "logGroup", "logGroupIdentifier"})
_OF_INVOCATION = frozenset({"modelId", "schemaType"})


@dataclass(frozen=True)
class CloudWatch:
    """Opens rows of Logs Insights, of ``filter-log-events``, of the console's CSV and of subscriptions."""

    name: str = "cloudwatch"

    def opens(self, keys: frozenset[str]) -> bool:
        """``@message``, ``message`` with an event's keys, or one of the lists that hold them."""
        if "@message" in keys or "logEvents" in keys or keys >= {"results", "statistics"}:
            return True
        return "message" in keys and ("timestamp" in keys or "@timestamp" in keys) and len(keys) <= 2 + len(_OF_EVENT)

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """The records in the messages; what isn't JSON stays as it is."""
        if "logEvents" in record:
            return _events(record["logEvents"], record)
        if "results" in record:
            return _insights(record["results"], record)
        return [_opened(record)]


def _events(events: Json, record: dict[str, Json]) -> Iterator[Json]:
    events = decode(events)
    if not isinstance(events, list):
        yield record
        return
    for event in events:
        yield _opened(event) if isinstance(event, dict) else event


def _insights(rows: Json, record: dict[str, Json]) -> Iterator[Json]:
    """Rows of ``get-query-results`` are lists of fields."""
    if not isinstance(rows, list):
        yield record
        return
    for row in rows:
        fields = row if isinstance(row, list) else []
        told = {str(one.get("field")): one.get("value") for one in fields if isinstance(one, dict)}
        yield _opened(told) if told else row


def _opened(event: dict[str, Json]) -> Json:
    """The record in the event's message; of a plain ``message`` only one of Bedrock's, because others have text."""
    inner = decode(event.get("@message"))
    if isinstance(inner, dict):
        return {"timestamp": event.get("@timestamp")} | inner
    inner = decode(event.get("message"))
    if isinstance(inner, dict) and not _OF_INVOCATION.isdisjoint(inner):
        return {"timestamp": event.get("timestamp") or event.get("@timestamp")} | inner
    return event


OPENER = CloudWatch()
