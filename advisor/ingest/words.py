"""The words of prompts: which there are, which say nothing, and what stays of a sentence from call to call."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[:\n]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_BREAK = re.compile(r"\n+|(?<=[.!?:;])\s+")
_MARKUP = re.compile(r"<[^<>\n]{0,40}>|[#*_`>|=\-]{2,}|^\s*(?:[-*#>]+|\d+[.)])\s*", re.M)

BREAK = ":"
"""The token of a colon or a line's end."""
NUMBER = "#"

STOP_WORDS = frozenset(
    (
        "a about above after again all also am an and any are as at be because been before being below between both "
        "but by can cannot could did do does doing don done down during each else etc few for from further get gets "
        "give given go going got had has have having he her here hers him his how however i if in into is it its "
        "itself just know let ll make many may me might more most much must my need no nor not now of off on once one "
        "only or other our out over own per please put re s said same say see shall she should since so some such t "
        "take tell than that the their them then there these they thing things this those through to too under until "
        "up upon us use using ve very via want was way we well were what when where which while who whom whose why "
        "will with within without would yes yet you your "
        "hi hello hey dear thanks thank regards greetings morning good day team help like kind best sincerely cheers "
        "der die das den dem des ein eine einen einem einer und oder aber nicht ist sind war wir ich sie er es ihr "
        "mit von zu zum zur im auf aus bei nach für als auch wie was kann können bitte danke hallo haben hat "
        "le la les un une des du de et ou mais pas est sont nous vous je il elle avec pour dans sur que qui bonjour "
        "merci el los las una unos unas del y o pero no es son nosotros usted con para en por que hola gracias se su"
    ).split()
)
"""Words that most texts hold, whatever they are about."""

_GENERIC = frozenset(
    (
        "you re a an the ai assistant assistants chatbot bot model agent helper helpful friendly useful kind concise "
        "polite honest harmless smart expert professional very be are is to of and in as answer answers user users "
        "question questions respond reply responding please always briefly concisely succinctly short brief clear "
        "clearly accurate accurately crisp that can will who helps help virtual large language ai's their your with "
        "sentence sentences one two knowledgeable general purpose act any best ability truthful succinct"
    ).split()
)


def is_generic(text: str) -> bool:
    """Whether a system prompt is one of those that fit every purpose: "You are a helpful assistant."."""
    return all(word in _GENERIC for word in _WORD.findall(text.casefold()))


def tokens(text: str, limit: int) -> tuple[str, ...]:
    """The first words of a text in lower case, numbers as NUMBER, ends of lines and colons as BREAK."""
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        token = BREAK if word[0] in ":\n" else NUMBER if word[0].isdigit() else word.casefold()
        if not (token == BREAK and (not found or found[-1] == BREAK)):
            found.append(token)
        if len(found) == limit:
            break
    return tuple(found)


def content(words: tuple[str, ...]) -> list[str]:
    """The words among them that say something."""
    return [word for word in words if len(word) > 1 and word not in STOP_WORDS]


def parts(text: str) -> Iterator[str]:
    """The sentences and lines of a text of three words or more, without case, numbers and markup."""
    for sentence in _BREAK.split(_MARKUP.sub(" ", text)):
        words = _WORD.findall(sentence.casefold())
        if len(words) >= 3 and not all(word in _GENERIC for word in words):
            yield " ".join(words)


def stems(text: str) -> list[str]:
    """The words that say something, roughly without their endings, and pairs of neighbours."""
    words = [_stem(word) for word in _WORD.findall(text.casefold()) if len(word) > 2 and word not in STOP_WORDS]
    return words + [f"{first} {second}" for first, second in zip(words, words[1:], strict=False)]


def _stem(word: str) -> str:
    for ending in ("ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
