"""Finds names of people with the spaCy models that are installed; downloads none."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from advisor.ingest.redaction.spans import Span

_NAME = re.compile(r"[^\W\d_][^\W\d_'’.\-]*(?:[ '’.\-]+[^\W\d_]+\.?)*")
_CHUNK = 20_000
_SIZES = ("lg", "md", "trf", "sm")
_LABELS = ("PERSON", "PER")
_TITLE = re.compile(
    r"(?i)(?:\b(?:dear|hi|hello|hey|mr|mrs|ms|miss|mx|dr|prof|sir|herrn?|frau|liebe[r]?|m|mme|mlle|monsieur|madame"
    r"|cher|chère"
    r"|sr|sra|señora?|estimad[oa]|sig|signora?|dott|my name is|i am|i'm|this is|call me|ask for|contact|regards"
    r"|wishes|cheers"
    r"|sincerely|name|customer|patient|client|je m'appelle|ich heiße|mein name ist|me llamo)\b[\s.,:\"']{1,3})\Z"
)
"""What stands before a name of one word, or of a language without a model."""
_COMMONEST = {
    "en": "the and of to is in that for you with this are be it as",
    "de": "der die das und nicht ist ein eine zu mit auf für den dem sie ich",
    "fr": "le la les des et est un une pour dans que vous je pas au du",
    "es": "el la los las y que un una para con por es del se en lo",
    "it": "il la gli e che un una per con è di non sono del della",
    "pt": "o a os as e que um uma para com não é do da em no",
    "nl": "de het een en van is dat niet voor met op te zijn ik",
    "pl": "i w z na do nie jest się to że dla po od jak",
    "sv": "och att det en ett är på för inte med som jag av",
    "da": "og at det en et er på for ikke med som jeg af",
}
_COMMON = {language: frozenset(words.split()) for language, words in _COMMONEST.items()}


def names_available() -> bool:
    """Whether a spaCy model is installed that finds names."""
    return bool(_models())


def find_people(text: str) -> Iterator[Span]:
    """Names of people, as the model of the text's language sees them.

    Models take much for a name: one word, or any in a language that no model is for, counts behind a title or greeting,
    and as a part of a name that was found.
    """
    if not _models() or not any(map(str.isupper, text)):
        return
    language, is_known = _language(text)
    pipeline = _pipeline(language)
    unsure: list[Span] = []
    parts: set[str] = set()
    for offset in range(0, len(text), _CHUNK):
        for found in pipeline(text[offset : offset + _CHUNK]).ents:
            name = re.sub(r"['’]s$", "", found.text).rstrip()
            if found.label_ not in _LABELS or not _is_name(name):
                continue
            start = offset + found.start_char
            span = Span(start, start + len(name), "PERSON")
            if (is_known and " " in name) or _TITLE.search(text, max(0, start - 30), start):
                parts.update(name.split())
                yield span
            else:
                unsure.append(span)
    yield from (span for span in unsure if text[span.start : span.end] in parts)


def _is_name(found: str) -> bool:
    words = found.split()
    return bool(
        1 <= len(words) <= 5
        and _NAME.fullmatch(found)
        and words[0][0].isupper()
        and words[-1][0].isupper()
        and not any(word.isupper() and len(word) > 3 for word in words)
    )


@cache
def _models() -> dict[str, str]:
    """Language to the name of its best installed model."""
    found: dict[str, str] = {}
    names = [point.name for point in entry_points(group="spacy_models")]
    for name in sorted(
        names, key=lambda name: next((at for at, size in enumerate(_SIZES) if size in name.split("_")), 9)
    ):
        found.setdefault(name.partition("_")[0], name)
    return found


@cache
def _pipeline(language: str) -> Any:
    """The model of a language, with what finds names alone; the import takes seconds."""
    import spacy

    pipeline = spacy.load(_models()[language])
    pipeline.select_pipes(enable=[name for name in pipeline.pipe_names if name in ("tok2vec", "transformer", "ner")])
    return pipeline


def _language(text: str) -> tuple[str, bool]:
    """The model to ask, and whether it is of the text's language, judged by the commonest words."""
    models = _models()
    words = re.findall(r"[^\W\d_]+", text[:2000].lower())
    counts = {language: sum(word in common for word in words) for language, common in _COMMON.items()}
    best = max(counts, key=lambda language: (counts[language], language in models))
    if best in models:
        return best, True
    other = "xx" if "xx" in models else "en" if "en" in models else next(iter(models))
    return other, other == "xx" or not counts[best]
