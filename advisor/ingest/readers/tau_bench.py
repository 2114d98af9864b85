"""tau-bench: one trial of a task per record, with all messages between agent, tools and a simulated customer."""

from dataclasses import dataclass

from advisor.ingest.readers.sharegpt import messages_of_turns, sample_of
from advisor.ingest.readers.wildchat import without_rest
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Sample

_NO_TOOLS = "the agent calls tools, and what tools it has is not in this file"


@dataclass(frozen=True)
class TauBench:
    """Reads trajectories."""

    name: str = "tau_bench"
    rank: int = 20

    def matches(self, record: dict[str, Json]) -> bool:
        """A task and its trajectory."""
        return "traj" in record and "task_id" in record

    def read(self, record: dict[str, Json]) -> Sample:
        """The last message of the agent with all before it."""
        messages = without_rest(messages_of_turns(decode(record["traj"])))
        uses_tools = any(message.get("tool_calls") or message["role"] == "tool" for message in messages)
        identity = f"{record['task_id']}-{record.get('trial', 0)}"
        return sample_of(
            {"id": identity, "session_id": identity}, messages, params={}, reason=_NO_TOOLS if uses_tools else None
        )


READER = TauBench()
