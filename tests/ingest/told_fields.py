"""What an import tells about each call, flat, so that a test compares fields and not objects."""

import json
from pathlib import Path
from typing import Any

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_logs
from advisor.types import Sample

Told = dict[str, Any]


def write(folder: Path, content: Any, name: str = "log.json") -> Path:
    path = folder / name
    path.write_text(
        content if isinstance(content, str) else json.dumps(content)
        if not isinstance(content, list) or name.endswith(".json")
        else "\n".join(map(json.dumps, content))
    )  # fmt: skip
    return path


def told(format: str, *paths: Path) -> list[Told]:
    """Every call in these files, all of which are detected as the format; what isn't told is left out."""
    logs = [open_log(path) for path in paths]
    assert {log.format for log in logs} == {format}
    return [_told(found.item) for found in read_logs(logs) if isinstance(found.item, Sample)]


def _told(sample: Sample) -> Told:
    answer, metered, ids = sample.answer, sample.metered, sample.ids
    found = {
        "prompt": [_said(message) for message in sample.request.messages],
        "answer": answer and answer.text,
        "calls": [(call.name, json.loads(call.arguments or "{}")) for call in answer.tool_calls] if answer else None,
        "finish": answer and answer.finish_reason,
        "params": sample.request.params,
        "model": sample.model,
        "tokens": metered.usage
        and (metered.usage.input_tokens, metered.usage.cache_read_tokens, metered.usage.output_tokens),
        "latency_s": metered.latency_s,
        "ttft_s": metered.ttft_s,
        "cost_usd": metered.cost_usd,
        "at": metered.at and f"{metered.at:%Y-%m-%d %H:%M:%S}",
        "id": ids.external_id,
        "session": ids.session,
        "use_case": sample.use_case,
        "target": sample.reference and sample.reference.value,
        "error": sample.error,
        "not_replayable": sample.not_replayable,
    }
    return {key: value for key, value in found.items() if value not in (None, [], {})}


def _said(message: dict[str, Any]) -> tuple[str, Any]:
    """Role and text; of a message that calls tools their names."""
    if calls := message.get("tool_calls"):
        return message["role"], [call["function"]["name"] for call in calls]
    return message["role"], message["content"]
