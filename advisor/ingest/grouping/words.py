"""The words of prompts: which there are, which say nothing, and what stays of a sentence from call to call."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

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
TASK = re.compile(
    r"(re)?writ|(re)?phras|summar|translat|classif|categor|extract|generat|creat|draft|compos|analy[sz]|explain|convert"
    r"|describ|list|label|sort|detect|identif|find|answer|correct|proofread|review|edit|suggest|tag|rate|score|tell"
)
"""How words begin that say what to do."""
_SAME = 0.6
"""Of the words of two texts that differ in what is put in, so many are the same and in the same order."""


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


def holders(texts: Iterable[str]) -> Counter[str]:
    """How many of the texts hold each stem."""
    return Counter(stem for text in texts for stem in set(stems(text)))


@lru_cache(maxsize=2**16)
def _stem(word: str) -> str:
    for ending in ("ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _set_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _set_of(
    """
    a about above after again all also am an and any are as at be because been before being below between both
    but by can cannot could did do does doing don done down during each else etc few for from further get gets
    give given go going got had has have having he her here hers him his how however i if in into is it its
    itself just know let ll make many may me might more most much must my need no nor not now of off on once one
    only or other our out over own per please put re s said same say see shall she should since so some such t
    take tell than that the their them then there these they thing things this those through to too under until
    up upon us use using ve very via want was way we well were what when where which while who whom whose why
    will with within without would yes yet you your hi hello hey dear thanks thank regards greetings morning
    good day team help like kind best sincerely cheers der die das den dem des ein eine einen einem einer und
    oder aber nicht ist sind war wir ich sie er es ihr mit von zu zum zur im auf aus bei nach für als auch wie
    kann können bitte danke hallo haben hat le la les un une du de et ou mais pas est sont nous vous je il elle
    avec pour dans sur que qui bonjour merci el los las una unos unas del y o pero son nosotros usted con para
    en por hola gracias se su
    """
)
"""Words that most texts hold, whatever they are about."""

GENERIC = _set_of(
    """
    you re a an the ai assistant assistants chatbot bot model agent helper helpful friendly useful kind concise
    polite honest harmless smart expert professional very be are is to of and in as answer answers user users
    question questions respond reply responding please always briefly concisely succinctly short brief clear
    clearly accurate accurately crisp that can will who helps help virtual large language ai's their your with
    sentence sentences one two knowledgeable general purpose act any best ability truthful succinct
    """
)
"""Words of system prompts that fit every purpose."""

VERBS = _set_of(
    """
    summarise summarize condense classify categorise categorize sort label tag extract parse turn convert
    translate write draft rewrite rephrase compose generate create produce answer reply respond decide detect
    identify find review check grade score rate judge evaluate rank analyse analyze explain describe suggest
    recommend plan route triage moderate proofread correct edit read help assist search look fill book handle
    scrape compare list match solve compute calculate count tell give make build design improve fix refactor
    test document transcribe predict estimate select choose pick map normalise normalize clean format query
    load record delete show provide return retrieve fetch get request schedule send update track monitor
    verify validate investigate research simulate play teach guide resolve prepare collect gather
    organise organize visualise visualize plot draw paraphrase shorten expand complete infer determine assess
    inspect debug implement optimise optimize migrate execute run browse annotate redact anonymise anonymize
    filter group cluster split prioritise prioritize assign escalate forward confirm cancel process manage
    coordinate delegate report brainstorm outline critique
    """
)
"""What a prompt asks to do."""

MAKING = _set_of(
    """
    write draft compose generate create produce make tell give show provide return
    """
)
"""Verbs that say no more than the thing that is made: "write a poem" is a poem."""

DETERMINERS = _set_of(
    """
    the a an this these those each every all your my our their any some
    """
)
"""Words that stand before a thing."""

WEAK_END = _set_of(
    """
    a an the and or to of for with that in on at from by is are into as your their his her its each any some
    following one can should must will may might would could have has had be been whether about like if when what
    who how than
    """
)
"""Words that no name ends with."""

NO_ROLE = _set_of(
    """
    designed tasked skilled made given provided asked shown presented responsible able expected going
    """
)
"""Words after "You are" that name no role."""


def are_slots(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two runs of words differ only in what was put into them; another task is another text."""
    matcher = SequenceMatcher(None, some, others, autojunk=False)
    if matcher.ratio() < _SAME:
        return False
    changed = [
        word for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal" for word in (*some[a:b], *others[c:d])
    ]
    return not any(TASK.match(word) for word in changed)
