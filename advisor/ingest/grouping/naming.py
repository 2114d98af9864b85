"""Names for use cases from their own words, as a product manager would say them."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from advisor.ingest.grouping.phrases import (
    MOST_WORDS,
    capital,
    cut,
    fitted,
    is_form,
    question_of,
    stripped,
    task_of,
    thing,
)
from advisor.ingest.grouping.words import (
    BREAK,
    NO_ROLE,
    NUMBER,
    STOP_WORDS,
    WEAK_END,
    fits_anything,
    holders,
    is_generic,
    stems,
)

_READ_CHARS = 4000
_TASKS_IN = 8
"""Sentences of a prompt among which one says what it is for, or none does."""
_ROLE = re.compile(
    r"^(you are|you're|you will be|act as|behave as|as|i want you to act as|imagine you are)\s+((a|an|the|my|our)\s+)?",
    re.I,
)
_PRAISE = re.compile(r"^((helpful|friendly|expert|professional|experienced|senior|simple)\s+)+", re.I)
_TRADE = re.compile(
    r"\b(?:(?:that|who|which)\s+(?:is\s+)?)?(?:can|helps?(?:\s+\w+)?\s+(?:to|with)|will|speciali[sz]\w+ (?:in|on)"
    r"|designed to|made to|tasked with|skilled (?:in|at)|responsible for|expert in)\s+(?P<trade>.+)",
    re.I,
)
_PLAIN_ROLE = re.compile(
    r"\b(assistant|assistants|agent|bot|chatbot|model|ai|expert|helper|system|professional|specialist|someone|person)$",
    re.I,
)
_STATEMENT = re.compile(r"\b(is|are|was|were|has|have|can|will|must|should|may|ist|bist|sind)\b", re.I)
_SIGNATURE = re.compile(r"given the fields? (?P<given>.+?)\s*,\s*produce the fields? (?P<wanted>[^.\n]+)", re.I)
"""How DSPy writes down a task that has no words of its own."""
_USUAL_HEADINGS = frozenset(("instructions", "role", "task", "context", "system", "overview"))
_MARKUP = re.compile(r"<[^>\n]*>|\{[^}\n]*\}|\*+(?! )|(?<! )\*+|[#_`>\[\]|]+")
_FETCHING = frozenset(("get", "fetch", "retrieve", "lookup", "find", "search", "show", "list", "read", "call", "use"))
_ANY_TOOL = frozenset(("final result", "final answer", "search tools", "load capability", "respond", "output"))
"""Tools that frameworks offer beside those that tell what is done."""


def name_of(prompt: str) -> str:
    """A short name from the words of a prompt that say what it is for; empty where none do."""
    if signature := _SIGNATURE.search(_MARKUP.sub("", prompt)):
        return fitted(f"{signature['given']} to {signature['wanted']}".split())
    said = _sentences(prompt)
    if first := _heading(prompt) or (_role(said[0]) if said else ""):
        return first
    for sentence in said[:_TASKS_IN]:
        if task := task_of(sentence) or _trade(sentence):
            return task
    fragments = (stripped(_PRAISE.sub("", _ROLE.sub("", sentence))) for sentence in said[: _TASKS_IN // 2])
    return next((name for each in fragments if _is_fragment(each) and (name := thing(each))), "")


def name_of_opening(words: Sequence[str], examples: Sequence[str]) -> str:
    """A name from the constant beginning of messages, spelled as in one of them; up to a number that differs."""
    said = [word for word in words if word != BREAK]
    spelled = _begun(said, examples)
    if NUMBER in said[2:] and len({tuple(re.findall(r"\d+", match[0])) for match in spelled}) > 1:
        said = said[: said.index(NUMBER, 2)]
        spelled = _begun(said, examples)
    text = _MARKUP.sub(" ", spelled[0][0] if spelled else " ".join(said)).strip()
    name = question_of(text) or name_of(text)
    if not name:
        return f"{capital(' '.join(text.split()[:MOST_WORDS]).strip(' :,-'))} …"
    if " " in name:
        return name
    if words[-1] == BREAK:
        return f"{name}: …"
    return f"{name} {text.split()[-1]} …" if text.split()[-1].casefold() in WEAK_END else name


def _begun(words: Sequence[str], examples: Sequence[str]) -> list[re.Match[str]]:
    """These words at the beginnings of the examples, as each spells them."""
    spelled = (r"\d+" if word == NUMBER else re.escape(word) for word in words)
    beginning = re.compile(r"[\W_]*" + r"[\W_]*".join(spelled), re.I)
    return [match for text in examples if (match := beginning.match(text))]


def name_of_marks(marks: Sequence[str]) -> str:
    """A name from the tools that are offered, or the fields that are asked for."""
    words = [" ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]+", " ", mark.partition(" ")[2]).split()) for mark in marks]
    words = [word.casefold() for word in words]
    if not marks[0].startswith("tool "):
        listed = f"{', '.join(words[:2])} …" if len(words) > 2 else " and ".join(words)
        return f"Structured output: {listed}"
    telling = [word for word in words if word not in _ANY_TOOL] or words
    verb, _, rest = telling[0].partition(" ")
    tool = capital(rest if rest and verb in _FETCHING else telling[0])
    return f"{tool} tool" if len(telling) == 1 else f"{tool} and other tools"


def name_of_texts(texts: Sequence[str], others: Sequence[str]) -> str:
    """A name from the words that most of these texts hold and few of the others do."""
    inside, outside = _shares(texts), _shares(others)
    scored = sorted(
        (-share * math.log((share + 0.01) / (outside.get(stem, 0.0) + 0.01)), stem) for stem, share in inside.items()
    )
    telling = [stem for score, stem in scored if score < 0 and inside[stem] >= 0.2][:3]
    if not telling:
        return ""
    phrase = _phrase(texts, telling[0])
    return capital(phrase or ", ".join(_spelling(texts, stem) for stem in telling))


def _shares(texts: Sequence[str]) -> dict[str, float]:
    return {stem: count / len(texts) for stem, count in holders(texts).items()}


def _phrase(texts: Sequence[str], telling: str) -> str:
    """The run of two to four words around the most telling one that many of the texts hold."""
    runs: Counter[str] = Counter()
    for text in texts:
        words = re.findall(r"[^\W\d_][\w'’-]*", text.casefold())
        own = set()
        for start in range(len(words)):
            for length in (2, 3, 4):
                run = words[start : start + length]
                if (
                    len(run) == length
                    and run[0] not in STOP_WORDS
                    and run[-1] not in STOP_WORDS
                    and any(telling in stems(word) for word in run)
                ):
                    own.add(" ".join(run))
        runs.update(own)
    often = [(len(run.split()), count, run) for run, count in runs.items() if count >= max(2, 0.4 * len(texts))]
    return max(often)[2] if often else ""


def _spelling(texts: Sequence[str], stem: str) -> str:
    spelled = Counter(
        word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold()) if stems(word) == [stem]
    )
    return max(spelled.items(), key=lambda item: (item[1], item[0]))[0] if spelled else stem


def _sentences(prompt: str) -> list[str]:
    """Those that say something, without markup."""
    lines = (
        " ".join(_MARKUP.sub(" ", line).split()).strip(" -–•.,:;\"'")
        for line in re.split(r"\n|(?<=[.!?])\s+", prompt[:_READ_CHARS])
    )
    return [line for line in lines if len(re.findall(r"[^\W\d_]", line)) >= 3 and not fits_anything(line)]


def _is_fragment(sentence: str) -> bool:
    is_statement = _STATEMENT.search(sentence) or sentence.partition(" ")[0].casefold() in NO_ROLE
    return not (is_statement or is_form(sentence) or is_generic(sentence))


def _heading(prompt: str) -> str:
    """Of "# Airline agent policy" it is "Airline agent policy"; nothing for a heading that any prompt may have."""
    match = re.match(r"\s*#+\s*([^\n]{3,60})\n", prompt)
    words = match[1].strip(" #*:").split() if match else []
    is_usual = _USUAL_HEADINGS.intersection(word.casefold() for word in words)
    return fitted(words) if 2 <= len(words) <= MOST_WORDS and not is_usual else ""


def _role(sentence: str) -> str:
    """Of "You are a support ticket classifier." it is "Support ticket classifier"; nothing for a plain assistant."""
    match = _ROLE.match(sentence)
    if not match:
        return ""
    role = _PRAISE.sub("", cut(sentence[match.end() :]))
    words = re.split(r"\s(?:that|who|which|whose|designed|tasked|skilled|made)(?:\s|$)", role)[0].split()
    role = " ".join(words)
    head = re.split(r"\s(for|of|at|in|from|on|to)\s", role)[0]
    is_plain = is_generic(role) or _PLAIN_ROLE.search(head)
    if not words or words[0] in NO_ROLE or is_plain or len(words) > MOST_WORDS:
        return ""
    return fitted(words)


def _trade(sentence: str) -> str:
    """Of "You are an assistant that specializes in caching." it is "Caching"."""
    match = _TRADE.search(sentence) if _ROLE.match(sentence) else None
    if not match or is_form(match["trade"]):
        return ""
    return task_of(match["trade"]) or thing(match["trade"])
