"""Names for use cases from their own words, as a product manager would say them."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from advisor.ingest.grouping.words import BREAK, NUMBER, STOP_WORDS, content, is_generic, stems

_WORDS = 7
_LONGEST = 48
_ROLE = re.compile(
    r"^(you are|you're|you will be|act as|behave as|as|i want you to act as|imagine you are)\s+((a|an|the|my|our)\s+)?",
    re.I,
)
_ASKING = re.compile(
    r"^(please|kindly|your (task|job|role|goal)( here)? is( to)?|you (will|must|should|can|have to|are to|need to)|i want "
    r"you to|i need you to|can you|could you|help me( to)?|help (?=generate|write|create|users|people)|always|never|only|just|you|task|instructions?|\[?inst\]?)\b[\s:,]*",
    re.I,
)
_VERBS = frozenset(
    [
        "summarise",
        "summarize",
        "condense",
        "classify",
        "categorise",
        "categorize",
        "sort",
        "label",
        "tag",
        "extract",
        "parse",
        "turn",
        "convert",
        "translate",
        "write",
        "draft",
        "rewrite",
        "rephrase",
        "compose",
        "generate",
        "create",
        "produce",
        "answer",
        "reply",
        "respond",
        "decide",
        "detect",
        "identify",
        "find",
        "review",
        "check",
        "grade",
        "score",
        "rate",
        "judge",
        "evaluate",
        "rank",
        "analyse",
        "analyze",
        "explain",
        "describe",
        "suggest",
        "recommend",
        "plan",
        "route",
        "triage",
        "moderate",
        "proofread",
        "correct",
        "edit",
        "read",
        "help",
        "assist",
        "search",
        "look",
        "fill",
        "book",
        "handle",
        "scrape",
        "compare",
        "list",
        "match",
        "solve",
        "compute",
        "calculate",
        "count",
        "tell",
        "give",
        "make",
        "build",
        "design",
        "improve",
        "fix",
        "refactor",
        "test",
        "document",
        "transcribe",
        "predict",
        "estimate",
        "select",
        "choose",
        "pick",
        "map",
        "normalise",
        "normalize",
        "clean",
        "format",
        "query",
        "call",
        "use",
    ]
)
_ASIDE = re.compile(r"^(given|using|based on|from|with|for|in|after|before|when|if)\b[^,\n]{3,120},\s+", re.I)
_TRADE = re.compile(
    r"\b(?:(?:that|who|which)\s+(?:is\s+)?)?(?:can|helps?(?:\s+\w+)?\s+(?:to|with)|will|speciali[sz]\w+ (?:in|on)|designed to|"
    r"made to|tasked with|skilled (?:in|at)|responsible for|expert in)\s+(?P<trade>.+)",
    re.I,
)
_PLAIN_ROLE = re.compile(
    r"\b(assistant|assistants|agent|bot|chatbot|model|ai|expert|helper|system|professional|specialist|someone|person)$",
    re.I,
)
_STOPS = re.compile(r"[.!?;:\n(\"“”]|,\s|\s[-–—]\s")
_CLAUSE = re.compile(
    r"\s(that|which|who|whose|where|when|while|so that|given|using|based|according|by|into|skilled|with|without|and then|and can|"
    r"in order|as|if|whatever|for you|trusted|designed)\s",
    re.I,
)
_WEAK_START = frozenset(
    [
        "the",
        "following",
        "a",
        "an",
        "this",
        "these",
        "those",
        "each",
        "every",
        "all",
        "your",
        "any",
        "given",
        "provided",
    ]
)
_WEAK_END = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "to",
        "of",
        "for",
        "with",
        "that",
        "in",
        "on",
        "at",
        "from",
        "by",
        "is",
        "are",
        "into",
        "as",
        "your",
        "their",
        "his",
        "her",
        "its",
        "each",
        "any",
        "some",
        "following",
        "one",
        "can",
        "should",
        "must",
        "will",
    ]
)
_MARKUP = re.compile(r"<[^>\n]*>|\{[^}\n]*\}|[#*_`>\[\]|]+")


def name_of(prompt: str) -> str:
    """A short name from the words of a prompt that say what it is for; empty where none do."""
    sentences = _sentences(prompt)
    if first := _heading(prompt) or (_role(sentences[0]) if sentences else ""):
        return first
    for sentence in sentences[:8]:
        if task := _task(sentence) or _trade(sentence):
            return task
    return next((short for sentence in sentences[:4] if (short := _shortened(_ROLE.sub("", sentence)))), "")


def name_of_opening(words: Sequence[str], example: str) -> str:
    """A name from the constant beginning of messages, spelled as in one of them."""
    last = [word for word in words if word not in (BREAK, NUMBER)]
    spelled = re.match(r"\W*" + r"[\W\d]+".join(re.escape(word) for word in last), example, re.I)
    name = name_of(spelled[0] if spelled else " ".join(last))
    if len(name.split()) < min(3, len(last)):
        return _capital(" ".join((spelled[0] if spelled else " ".join(last)).split()[:_WORDS]).strip(" :,-"))
    return name


def name_of_marks(marks: Sequence[str]) -> str:
    """A name from the tools that are offered, or the fields that are asked for."""
    words = [" ".join(re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]+", " ", mark.partition(" ")[2]).split()) for mark in marks]
    is_tools = bool(marks) and marks[0].startswith("tool ")
    if is_tools:
        return _capital(words[0].casefold()) if len(words) == 1 else f"{_capital(words[0].casefold())} and other tools"
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:2])} …" if len(words) > 2 else " and ".join(words)
    return f"Structured output: {listed.casefold()}"


def name_of_texts(texts: Sequence[str], others: Sequence[str]) -> str:
    """A name from the words that most of these texts hold and few of the others do."""
    inside, outside = _shares(texts), _shares(others)
    scored = sorted(
        (-share * math.log((share + 0.01) / (outside.get(stem, 0.0) + 0.01)), stem) for stem, share in inside.items()
    )
    telling = [stem for score, stem in scored if score < 0 and inside[stem] >= 0.2][:3]
    if not telling:
        return ""
    phrase = _phrase(texts, telling)
    return _capital(phrase or ", ".join(_spelling(texts, stem) for stem in telling))


def _shares(texts: Sequence[str]) -> dict[str, float]:
    counts = Counter(stem for text in texts for stem in set(stems(text)))
    return {stem: count / len(texts) for stem, count in counts.items()}


def _phrase(texts: Sequence[str], telling: Sequence[str]) -> str:
    """The run of two to four words around the most telling one that many of the texts hold."""
    runs: Counter[str] = Counter()
    for text in texts:
        words = re.findall(r"[^\W\d_][\w'’-]*", text.casefold())
        own = set()
        for start in range(len(words)):
            for length in (2, 3, 4):
                run = words[start : start + length]
                if len(run) == length and run[0] not in STOP_WORDS and run[-1] not in STOP_WORDS:
                    known = {stem for word in run for stem in stems(word)}
                    if telling[0] in known:
                        own.add(" ".join(run))
        runs.update(own)
    often = [(len(run.split()), count, run) for run, count in runs.items() if count >= max(2, 0.4 * len(texts))]
    return max(often, key=lambda item: (item[0], item[1], item[2]))[2] if often else ""


def _spelling(texts: Sequence[str], stem: str) -> str:
    spelled = Counter(
        word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold()) if stems(word) == [stem]
    )
    return max(spelled.items(), key=lambda item: (item[1], item[0]))[0] if spelled else stem


def _sentences(prompt: str) -> list[str]:
    found = []
    for line in re.split(r"\n|(?<=[.!?])\s+", prompt[:4000]):
        plain = " ".join(_MARKUP.sub(" ", line).split()).strip(" -–•.,:;\"'")
        if len(re.findall(r"[^\W\d_]", plain)) >= 3:
            found.append(plain)
    return found


def _heading(prompt: str) -> str:
    """ "# Airline agent policy" -> "Airline agent policy"; nothing for a heading that any prompt may have."""
    match = re.match(r"\s*#+\s*([^\n]{3,60})\n", prompt)
    words = match[1].strip(" #*:").split() if match else []
    is_usual = {word.casefold() for word in words} & {"instructions", "role", "task", "context", "system", "overview"}
    return _fitted(words) if 2 <= len(words) <= _WORDS and not is_usual else ""


def _role(sentence: str) -> str:
    """ "You are a support ticket classifier." -> "Support ticket classifier"; nothing for a plain assistant."""
    match = _ROLE.match(sentence)
    if not match:
        return ""
    words = re.split(r"\s(?:that|who|which|whose|designed|tasked|skilled|made)\s", _cut(sentence[match.end() :]))[
        0
    ].split()
    while words and words[0].casefold() in ("helpful", "friendly", "expert", "professional", "experienced", "senior"):
        words.pop(0)
    role = " ".join(words)
    head = re.split(r"\s(for|of|at|in|from|on|to)\s", role)[0]
    if (
        not words
        or words[0] in ("designed", "tasked", "skilled", "made")
        or is_generic(role)
        or _PLAIN_ROLE.search(head)
        or len(words) > _WORDS
    ):
        return ""
    return _fitted(words)


def _task(sentence: str) -> str:
    """ "Your task is to summarise the meeting." -> "Summarise the meeting"; nothing where no verb says what to do."""
    rest = _stripped(sentence)
    words = _cut(rest).split()
    if not words or (words[0].casefold().rstrip("s") not in _VERBS and words[0].casefold() not in _VERBS):
        return ""
    return _shortened(rest) if len(words) > 1 and not is_generic(" ".join(words[1:])) else ""


def _trade(sentence: str) -> str:
    """ "You are an assistant that specializes in caching." -> "Caching"."""
    match = _TRADE.search(sentence) if _ROLE.match(sentence) else None
    return _shortened(match["trade"]) if match else ""


def _stripped(sentence: str) -> str:
    before = ""
    while sentence != before:
        before, sentence = sentence, _ASIDE.sub("", _ASKING.sub("", sentence))
    return sentence


def _shortened(sentence: str) -> str:
    words = _cut(sentence).split()
    if len(words) > 2 and words[1].casefold() in _WEAK_START and words[0].casefold() in _VERBS:
        while len(words) > 2 and words[1].casefold() in _WEAK_START - {"all"}:
            words.pop(1)
    return _fitted(words) if content(tuple(word.casefold() for word in words)) else ""


def _cut(text: str) -> str:
    text = re.sub(r"\s(below|above|provided|given)\b", "", text)
    text = _STOPS.split(text, maxsplit=1)[0].strip()
    clause = _CLAUSE.search(text)
    if clause and len(text[: clause.start()].split()) >= 3:
        text = text[: clause.start()]
    return text


def _fitted(words: list[str]) -> str:
    words = words[:_WORDS]
    while len(words) > 1 and (words[-1].casefold() in _WEAK_END or len(" ".join(words)) > _LONGEST):
        words.pop()
    return _capital(" ".join(words)[:_LONGEST].strip(" ,-'\""))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
