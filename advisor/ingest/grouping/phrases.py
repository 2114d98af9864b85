"""Turns what a prompt asks for into a short noun phrase, in its own words: "Sort tickets" -> "Sorting tickets"."""

import re

from advisor.ingest.grouping.words import DETERMINERS, MAKING, VERBS, WEAK_END, content, is_generic

MOST_WORDS = 8
_LONGEST = 48
_CUT_OFF = 3
"""A phrase of so many words at the end of a name that was cut is taken for unfinished."""
_ASKING = re.compile(
    r"^(please|kindly|your (task|job|role|goal)( here)? is( to)?|you (will|must|should|can|have to|are to|need to)"
    r"|i (want|need) you to|(can|could|would|will) you|help me( to)?"
    r"|use (the )?[\w -]{1,40}? to(?= \w)|(tell|give|show) (me|us)(?=:)"
    r"|always|only|just|briefly|now|first|you|task|instructions?|\[?inst\]?)"
    r"(?!\w)[\s:,]*",
    re.I,
)
_FORM = re.compile(
    r"^(never|do not|don['’]t|avoid|make sure|ensure|be|use|using)\b"
    r"|^(return|respond|reply|answer|output)s? (in|with|only|exactly|concisely|briefly|using|as)\b",
    re.I,
)
_ASIDE = re.compile(r"^(given|using|based on|from|with|for|in|after|before|when|if)\b[^,\n]{3,120},\s+", re.I)
_STOPS = re.compile(r"[.!?;\n(\"“”]|:(\s|$)|,\s|\s[-–—]\s")
_CLAUSE = re.compile(
    r"\s(that|which|who|whose|where|when|while|so that|given|using|based|according|by|skilled|with|without|and then"
    r"|and can|in order|as|if|whatever|for you|trusted|designed)\s",
    re.I,
)
_POINTING = re.compile(r"\s(following|below|above|provided|given)\b", re.I)
_HOW = re.compile(r"^how (?:to|(?:do|can|should|would|could) (?:i|we|you|one))\s+(?P<rest>.+)", re.I)
_QUESTION = re.compile(
    r"^(?:what|who|whom|where|when|which|why|how|is|are|was|were|does|do|did|should)(?:['’](?:s|re))?\s+(?P<rest>.+)",
    re.I,
)
_TOLD = re.compile(r"you(['’]re| are)\b", re.I)
_AUXILIARY = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|much|many|far|long|often|i|you|we)\s+",
    re.I,
)
_PREDICATE = re.compile(r"\s(?:is|are|was|were|do|does|did|has|have|had|will|would|should)\s", re.I)
_DOUBLED = frozenset(("plan", "tag", "map", "get", "format", "split", "label"))
"""Verbs that double their last letter before "ing"."""


def task_of(sentence: str) -> str:
    """What a sentence asks to do; empty where no verb says it, or what it says fits every purpose."""
    rest = stripped(sentence)
    words = cut(rest).split()
    if len(words) < 2 or is_form(rest):
        return ""
    verb = _verb(words[0])
    if not verb or is_generic(" ".join(words[1:])):
        return ""
    words = words[1:]
    if words[0].casefold() in ("me", "us") and len(words) > 1:
        words = words[1:]
    if len(words) > 1 and words[0].casefold() in DETERMINERS and words[1].casefold() in WEAK_END:
        words = words[1:]
    joins = (at for at in range(1, len(words) - 1) if words[at] == "and" and _verb(words[at + 1]))
    words = words[: next(joins, len(words))]
    if verb not in MAKING:
        return fitted([_gerund(verb), *words])
    if words[0].casefold() in ("about", "how"):
        return fitted(["Questions", *words])
    return thing(" ".join(words))


def is_form(sentence: str) -> bool:
    """Whether a sentence says how to answer, not what for."""
    return bool(_FORM.match(sentence))


def question_of(sentence: str) -> str:
    """What a question is about: "Who won the World Cup?" -> "Questions about the World Cup"; empty for no question."""
    if _TOLD.match(sentence):
        return ""
    sentence = stripped(sentence)
    if how := _HOW.match(sentence):
        return fitted(["Questions", "about", "how", "to", *cut(how["rest"]).split()])
    asked = _QUESTION.match(sentence)
    if not asked:
        return ""
    rest = cut(asked["rest"])
    while auxiliary := _AUXILIARY.match(rest):
        rest = rest[auxiliary.end() :]
    words = _PREDICATE.split(rest)[0].split()
    thing_at = next((at for at, word in enumerate(words[:3]) if word.casefold() in DETERMINERS), 0)
    words = words[thing_at:]
    return fitted(["Questions", "about", *words]) if content(tuple(word.casefold() for word in words)) else ""


def stripped(sentence: str) -> str:
    """The sentence without "Please", "Your task is to" and the like."""
    before = ""
    while sentence != before:
        before, sentence = sentence, _ASIDE.sub("", _ASKING.sub("", sentence))
    first, _, rest = sentence.partition(" ")
    return rest if first.casefold() == "help" and _verb(rest.partition(" ")[0]) else sentence


def thing(text: str) -> str:
    """The beginning of a text that names a thing, without the articles before it; empty where it says nothing."""
    words = cut(text).split()
    while len(words) > 1 and words[0].casefold() in DETERMINERS:
        words = words[1:]
    return fitted(words) if content(tuple(word.casefold() for word in words)) else ""


def _gerund(verb: str) -> str:
    """Of "summarise" it is "Summarising"."""
    if verb in _DOUBLED:
        return capital(f"{verb}{verb[-1]}ing")
    return capital(f"{verb[:-1] if verb.endswith('e') and not verb.endswith('ee') else verb}ing")


def cut(text: str) -> str:
    """The text up to the end of its first clause."""
    text = _STOPS.split(_POINTING.sub("", text), maxsplit=1)[0].strip()
    clause = _CLAUSE.search(text)
    return text[: clause.start()] if clause and len(text[: clause.start()].split()) >= 3 else text


def fitted(words: list[str]) -> str:
    """As many of the words as a name may have, and none at the end that leads on to another."""
    kept = words[:MOST_WORDS]
    while len(kept) > 1 and (kept[-1].casefold() in WEAK_END or len(" ".join(kept)) > _LONGEST):
        kept = kept[:-1]
    is_cut = len(words) > MOST_WORDS or len(" ".join(words)) > _LONGEST
    begun = [at for at in range(2, len(kept)) if kept[at].casefold() in WEAK_END - DETERMINERS]
    if is_cut and begun and len(kept) - begun[-1] <= _CUT_OFF:
        return fitted(kept[: begun[-1]])  # "notes in three bullet" of "notes in three bullet points"
    return capital(" ".join(kept)[:_LONGEST].strip(" ,-'\""))


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _verb(word: str) -> str:
    word = word.casefold()
    return next((verb for verb in (word, word.removesuffix("s"), word.removesuffix("es")) if verb in VERBS), "")
