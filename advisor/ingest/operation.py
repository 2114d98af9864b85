"""What was asked of a provider, by the URL of the call."""

import re

_OTHER = re.compile(r"/(embeddings|moderations|images|audio|rerank|videos)\b|/(files|models)/?$")


def other_operation(url: str) -> str | None:
    """Which operation it is, where it is none of a chat model; None where nothing tells."""
    found = _OTHER.search(url.partition("?")[0])
    return found and (found[1] or found[2])
