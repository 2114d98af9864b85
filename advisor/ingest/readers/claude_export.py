"""``conversations.json`` of a Claude.ai data export: a conversation with its ``chat_messages`` a record."""

from collections.abc import Iterable

from advisor.ingest.messages.blocks import CALLS, RESULTS, THOUGHTS, kind_of
from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Turn, answers_of, turns_reader, with_missing
from advisor.ingest.values.json_text import as_name, objects_in
from advisor.types import Json

_NAME = "claude_export"
_OWN_TOOLS = "Claude.ai's own tools ran in it, which other models can't run"


def _open(record: Record) -> Iterable[Json]:
    messages = objects_in(record.get("chat_messages"))
    if not all(message.get("sender") in ("human", "assistant") for message in messages):
        return [record]
    about: Record = {"session_id": as_name(record.get("uuid")), "model": as_name(record.get("model"))}
    return answers_of(_NAME, _turns(messages), about)


def _turns(messages: list[Record]) -> Iterable[Turn]:
    own_tools = False
    for message in messages:
        blocks = objects_in(message.get("content"))
        own_tools = own_tools or any(kind_of(block) in CALLS | RESULTS for block in blocks)
        text = _text(message, blocks)
        if message["sender"] == "human":
            yield Turn({"role": "user", "content": _asked(message, text)})
        elif text:
            facts: Record = {
                "id": message.get("uuid"),
                "timestamp": message.get("created_at"),
                "not_replayable": _OWN_TOOLS if own_tools else None,
            }
            yield Turn({"role": "assistant", "content": text}, facts)


def _text(message: Record, blocks: list[Record]) -> str:
    """The blocks' text; exports of before 2025 have only ``text``, which names blocks of other kinds in words."""
    said = [block.get("text") for block in blocks if kind_of(block) not in THOUGHTS]
    texts = [text for text in said if isinstance(text, str) and text.strip()]
    return "\n".join(texts) if blocks else as_name(message.get("text")) or ""


def _asked(message: Record, text: str) -> Json:
    """The text after the documents beside it, and a part for each file that the export doesn't hold."""
    pasted = [as_name(document.get("extracted_content")) for document in objects_in(message.get("attachments"))]
    texts = [document for document in pasted if document]
    files = len(objects_in(message.get("files"))) + len(pasted) - len(texts)
    return with_missing("\n\n".join([*texts, text] if text else texts), files)


OPENER = Opener(opens=lambda keys: "chat_messages" in keys and "messages" not in keys, open=_open)
READER = turns_reader(_NAME)
