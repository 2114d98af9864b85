"""Checks and a way of matching that the log itself suggests.

A suggestion is made from at least 20 recorded answers (right answers for a way of matching), and only where it holds
for 98 % of them: today's answers would pass it, so that an answer that fails it differs from what the team gets now.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence

from advisor.scoring.matching import right_answers
from advisor.scoring.own_checks import run_check
from advisor.scoring.reading import LABEL_KEYS, as_text, find_labels, json_in
from advisor.scoring.tools import calls_in, offered
from advisor.scoring.values import whole_number
from advisor.types import Answer, Check, CheckKind, Json, Kind, Match, Matching, Request, Sample

ENOUGH = 20
HOLDS = 0.98
SHORT_WORDS = 250
"""Answers that are longer have no length that says much."""
ROOM = 1.1
"""A limit is this much above the longest answer at least."""
ROUND = (3, 5, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300)
NEVER = ("<think>", "as an AI language model", "```", "**")
"""What open models put around an answer, and recorded answers without it do not have."""
MOST_FIELDS = 8
MOST_PHRASES = 4
SHORT_TEXT = 80
"""Characters of a right answer that can be given in the same words."""

_TOLD = re.compile(
    r"\b(?:no more than|at most|not more than|maximum of|up to|max\.?|under|within)\s+(\d{1,4})\s+words\b"
    r"|\b(\d{1,4})\s+words\s+(?:or\s+(?:fewer|less)|at most|maximum)\b",
    re.IGNORECASE,
)


def suggest_checks(samples: Sequence[Sample]) -> tuple[Check, ...]:
    """Checks that 98 % of the recorded answers pass; none with fewer than 20 answers.

    JSON where it was asked for or always came, and the fields that every object has where no schema names them; the
    limit of words that the prompts tell, else a round number above the longest answer where all are short; words that
    all answers have; and what open models add that no answer has. Answers that are tool calls are left out.
    """
    texts = [(s.request, s.answer) for s in samples if s.answer is not None and (s.answer.text or "").strip()]
    if len(texts) < ENOUGH:
        return ()
    found = list(_json_checks(texts))
    is_json = bool(found)
    found += _length_checks(texts, is_json=is_json)
    if not is_json:
        found += [Check(kind=CheckKind.CONTAINS, value=phrase) for phrase in _common_phrases(texts)]
    marks = [mark for mark in NEVER if not (is_json and mark == "```")]  # a code fence around JSON fails as it is
    found += [Check(kind=CheckKind.LACKS, value=mark) for mark in marks]
    return tuple(check for check in found if _holds(check, texts))


def suggest_match(kind: Kind, samples: Sequence[Sample]) -> Match | None:
    """How the right answers ask to be compared, by the form of 98 % of them; None with fewer than 20, or without one.

    Objects by their fields, numbers as numbers, few short texts that recur as labels, other short texts as normalised
    text. Tool calls have their own way, and long texts none: the same can be said in many words.
    """
    told = [(sample.request, sample.reference.value) for sample in samples if sample.reference]
    targets = [(asked, right) for asked, value in told for right in right_answers(kind, value) if right is not None]
    if len(told) < ENOUGH or any(
        calls_in(t, offered(request)) for request, t in targets if kind is Kind.TOOL_USE or offered(request)
    ):
        return None
    values = [target for _, target in targets]
    if kind is not Kind.CLASSIFICATION and _share([_is_object(value) for value in values]) >= HOLDS:
        return Match(how=Matching.FIELDS)
    texts = [as_text(value) for value in values]
    if find_labels(texts) is not None and (
        kind is Kind.CLASSIFICATION or not any(whole_number(text) is not None for text in texts)
    ):
        return Match(how=Matching.LABEL)
    if (
        _share([not isinstance(v, bool) and whole_number(t) is not None for v, t in zip(values, texts, strict=True)])
        >= HOLDS
    ):
        return Match(how=Matching.NUMERIC)
    if _share([isinstance(value, str) and len(value) <= SHORT_TEXT for value in values]) >= HOLDS:
        return Match(how=Matching.NORMALISED)
    return None


Pairs = Sequence[tuple[Request, Answer]]


def _json_checks(texts: Pairs) -> Iterator[Check]:
    formats = [request.params.get("response_format") for request, _ in texts]
    asked = _share([isinstance(form, dict) and form.get("type") in ("json_object", "json_schema") for form in formats])
    decoded = [json_in(answer.text or "") for _, answer in texts]
    objects = [one.value for one in decoded if one and not one.fenced and isinstance(one.value, dict)]
    if asked < HOLDS and len(objects) < HOLDS * len(texts):
        return
    yield Check(kind=CheckKind.JSON)
    if any(isinstance(form, dict) and form.get("type") == "json_schema" for form in formats) or not objects:
        return  # validity looks at the schema already
    counts: dict[str, int] = {}
    for value in objects:
        for key in value:
            counts[key] = counts.get(key, 0) + 1
    always = [key for key, count in counts.items() if count >= HOLDS * len(texts)][:MOST_FIELDS]
    if always:
        yield Check(
            kind=CheckKind.EXPRESSION,
            value=" and ".join(f"{json.dumps(key, ensure_ascii=False)} in json" for key in always),
        )


def _length_checks(texts: Pairs, *, is_json: bool) -> Iterator[Check]:
    told = [_told_limit(request) for request, _ in texts]
    limits = {limit for limit in told if limit is not None}
    if len(limits) == 1 and None not in told:
        yield Check(kind=CheckKind.MOST_WORDS, value=str(limits.pop()))
        return
    counts = sorted(len((answer.text or "").split()) for _, answer in texts)
    longest = counts[math.ceil(HOLDS * len(counts)) - 1]  # of those that have to keep to it
    limit = next((number for number in ROUND if number >= ROOM * longest and number > longest), None)
    if longest <= SHORT_WORDS and limit is not None and not is_json:
        yield Check(kind=CheckKind.MOST_WORDS, value=str(limit))


def _told_limit(request: Request) -> int | None:
    """The one limit of words that the system prompt tells."""
    told = [
        int(found[1] or found[2])
        for message in request.messages
        if message.get("role") in ("system", "developer") and isinstance(message.get("content"), str)
        for found in _TOLD.finditer(message["content"])
    ]
    return told[0] if len(set(told)) == 1 and told[0] > 0 else None


def _common_phrases(texts: Pairs) -> list[str]:
    """The longest runs of words that 98 % of the answers have on one line; few and telling ones only."""
    answers = [answer.text or "" for _, answer in texts]
    folded = [" ".join(text.casefold().split()) for text in answers]
    if find_labels(answers) is not None:
        return []
    found: list[str] = []
    for line in _lines(answers):
        words = line.split()
        start = 0
        while start < len(words):
            end = start
            while end < len(words) and _is_common(" ".join(words[start : end + 1]), folded):
                end += 1
            phrase = " ".join(words[start:end])
            if _is_telling(phrase) and not any(phrase.casefold() in other.casefold() for other in found):
                found.append(phrase)
            start = max(end, start + 1)
    return found[:MOST_PHRASES]


def _lines(answers: Sequence[str]) -> list[str]:
    """The lines of two answers, of which one at least is like the rest."""
    return list(
        dict.fromkeys(line.strip() for text in (answers[0], answers[len(answers) // 2]) for line in text.splitlines())
    )


def _is_common(phrase: str, folded: Sequence[str]) -> bool:
    return _share([phrase.casefold() in text for text in folded]) >= HOLDS


def _is_telling(phrase: str) -> bool:
    """A heading such as "Next:", or several words; "the" says nothing."""
    return len(phrase) >= 4 and (phrase.endswith(":") or (len(phrase.split()) >= 2 and len(phrase) >= 10))


def _holds(check: Check, texts: Pairs) -> bool:
    return _share([run_check(check, request, answer) is None for request, answer in texts]) >= HOLDS


def _share(facts: Sequence[bool]) -> float:
    return sum(facts) / len(facts)


def _is_object(target: Json) -> bool:
    if isinstance(target, str):
        found = json_in(target)
        target = found.value if found else None
    if isinstance(target, dict) and len(target) == 1 and str(next(iter(target))).casefold() in LABEL_KEYS:
        return isinstance(next(iter(target.values())), dict | list)
    return isinstance(target, dict) or (isinstance(target, list) and any(isinstance(item, dict) for item in target))
