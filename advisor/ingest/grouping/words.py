"""The words of prompts: which there are, which say nothing, and what stays of a sentence from call to call."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from advisor.ingest.grouping.vocabulary import GENERIC, STOP_WORDS

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[:\n]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_BREAK = re.compile(r"\n+|(?<=[.!?:;])\s+")
_MARKUP = re.compile(r"<[^<>\n]{0,40}>|[#*_`>|=\-]{2,}|^\s*(?:[-*#>]+|\d+[.)])\s*", re.M)

BREAK = ":"
"""The token of a colon or a line's end."""
NUMBER = "#"
_ANYTHING = re.compile(r"\b(variety|range|kinds?|sorts?) of (\w+ )?(tasks|questions|topics|things|requests)\b", re.I)
_CHARS_A_WORD = 12
_MOST = 0.6


def is_generic(text: str) -> bool:
    """Whether a system prompt is one of those that fit every purpose: "You are a helpful assistant."."""
    return all(word in GENERIC for word in _WORD.findall(text.casefold()))


def fits_anything(sentence: str) -> bool:
    """Whether a sentence promises everything: "You help with a variety of tasks, from answers to summaries."."""
    return bool(_ANYTHING.search(sentence))


def tokens(text: str, limit: int) -> tuple[str, ...]:
    """The opening words of a text in lower case, numbers as NUMBER, ends of lines and colons as BREAK."""
    found: list[str] = []
    for match in _TOKEN.finditer(text[: _CHARS_A_WORD * limit].casefold()):
        word = match[0]
        token = BREAK if word[0] in ":\n" else NUMBER if word[0].isdigit() else word
        if token != BREAK or (found and found[-1] != BREAK):
            found.append(sys.intern(token))  # the same few in very many messages
            if len(found) == limit:
                break
    return tuple(found)


def content(words: tuple[str, ...]) -> list[str]:
    """The words among them that say something."""
    return [word for word in words if len(word) > 1 and word not in STOP_WORDS]


def sentences(text: str) -> Iterator[str]:
    """The sentences and lines of a text of three words or more, without case, numbers and markup."""
    for piece in _BREAK.split(text):
        if sentence := _sentence(piece):
            yield sentence


def constant_text(texts: Sequence[str]) -> str:
    """What most of these texts hold, as the first one spells it: a template without what is put into it."""
    if len(set(texts)) == 1:
        return texts[0]
    counts = Counter(sentence for text in texts for sentence in set(sentences(text)))
    kept = [s for s in _BREAK.split(texts[0]) if counts[_sentence(s)] >= _MOST * len(texts)] if texts else []
    return "\n".join(kept)


def _sentence(piece: str) -> str:
    words = _WORD.findall(_MARKUP.sub(" ", piece).casefold())
    return " ".join(words) if len(words) >= 3 and not all(word in GENERIC for word in words) else ""


def stems(text: str) -> list[str]:
    """The words that say something, roughly without their endings."""
    return [_stem(word) for word in _WORD.findall(text.casefold()) if len(word) > 2 and word not in STOP_WORDS]


@lru_cache(maxsize=2**16)
def _stem(word: str) -> str:
    for ending in ("ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
