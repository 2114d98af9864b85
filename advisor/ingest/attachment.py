"""Files within a request, in base64, as parts of OpenAI's messages."""

import base64
import binascii
import re

from advisor.types import Json

_BASE64 = re.compile(r"[A-Za-z0-9+/_=\s-]*")
_CUT = "[truncated]"
"""As conversation.is_altered knows it."""
_HEAD_CHARS = 400


def file_part(kind: str, data: Json) -> dict[str, Json]:
    """A file of a media type such as ``image/png`` as a part; a text becomes text, for that is how a model reads it.

    Where the data was cut out of the log, the part is a text that says so and makes the request not replayable.
    """
    if not isinstance(data, str) or not data or not _BASE64.fullmatch(data[:_HEAD_CHARS]):
        return {"type": "text", "text": _CUT}
    data = data.replace("-", "+").replace("_", "/")  # Google's Python library writes base64 for URLs
    family = kind.partition("/")[0]
    if family == "image":
        return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}
    if family == "text" or kind == "application/json":
        try:
            return {"type": "text", "text": base64.b64decode(data).decode()}
        except (binascii.Error, UnicodeDecodeError):
            return {"type": "file"}
    return {"type": {"audio": "audio", "video": "video_url"}.get(family, "file")}
