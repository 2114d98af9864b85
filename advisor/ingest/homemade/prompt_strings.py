"""Prompts as one text: of a conversation up to where the answer begins, of templates, and whole with their context."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile

from advisor.ingest.homemade.lines import read_line
from advisor.ingest.homemade.names import Hint, hints_of, is_generated, last_hint, plain_words, words_of
from advisor.ingest.homemade.profile import Column, Kind, most
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.homemade.texts import MADE, OTHER_WORK, is_reworded
from advisor.ingest.homemade.transcripts import in_lines
from advisor.ingest.messages.chat_templates import split_template, with_names
from advisor.ingest.messages.request import with_system
from advisor.ingest.records.columns import guess_columns, pick
from advisor.types import Json

_CALLS = frozenset({"input", "instruction", "prompt", "request", "command", "output", "response", "completion"})
"""Names in forms for a model, which are no talk."""
_LINE_CHARS, _NAME_WORDS, _FORM_HEADS = 80, 2, 2
_NAME = re.compile(r"[^\W\d_]{2,20}")
_PERSONA = (
    r"(?:[Yy]ou are|[Yy]ou're|[Yy]our name is|[Aa]ct as|named|called|[Dd]u bist|[Dd]u heißt|[Tt]u es|[Ee]res|[Ss]ei|"
    r"[Vv]ous êtes|[Vv]ocê é)\s+"
)
_MARK = re.compile(r"(\w+)\W{0,3}[:：]\s*")
"""``Answer:``."""
_SIDES = (Hint.PROMPT, Hint.ANSWER)
_OF_ANSWERS = {Hint.ANSWER, Hint.BOT}
_SURE = plain_words("full final rendered augmented assembled complete entire whole")
_STEPS = plain_words("""router routing safety guardrail guardrails classification classifier intent sql title next
    followup check planner rewriter summarizer embedding hyde reflection memory""")
"""Words of other steps than the answer."""
_FILLED = plain_words("rendered filled compiled resolved interpolated")
_TEMPLATE = plain_words("template templates tmpl vorlage plantilla modele gabarit")
_PLACE = re.compile(r"\{\{\s*[^\W\d][\w .]*\}\}|\$?\{[^\W\d][\w.]*\}")
"""For a variable in a template."""

Head = tuple[int, str, str]
"""The line at which somebody begins to speak, who, and what stands after the name."""


def messages_of(prompt: str) -> list[Json]:
    """The messages of a prompt by the marks of a template or the names of who speaks; else one of the user."""
    found: list[Json] = [*split_template(prompt)]
    return found or _split_names(prompt) or [{"role": "user", "content": prompt}]


def _split_names(prompt: str) -> list[Json]:
    """The turns of a text that ends with the name of who answers."""
    text = with_names(prompt).strip()
    if "\n" not in text and "<br" not in text:
        text = in_lines(text)
    lines = text.split("\n")
    last = _head(lines[-1], text)
    if last is None or last[1] or (known_role(last[0]) or "assistant") != "assistant":
        return []
    bot = last[0]
    heads = [
        (at, *head) for at, line in enumerate(lines) if (head := _head(line, text)) and _role(head[0], bot) is not None
    ]
    heads = _of_a_talk(heads, "" if heads[0][0] == 0 else lines[0])
    roles = [_role(who, bot) for _, who, _ in heads]
    if "user" not in roles:
        return []
    ends = [at for at, _, _ in heads[1:]] + [len(lines)]
    said = [
        {"role": role, "content": "\n".join((first, *lines[at + 1 : end])).strip()}
        for role, (at, _, first), end in zip(roles, heads, ends, strict=True)
    ]
    return with_system("\n".join(lines[: heads[0][0]]).strip(), said[:-1])


def _role(who: str, bot: str) -> str | None:
    return "assistant" if who == bot else known_role(who)


def _head(line: str, prompt: str = "") -> tuple[str, str] | None:
    """Who begins to speak in a line; also a name that the prompt gives the model: ``You are Aria``."""
    if not line[:_LINE_CHARS].strip():
        return None
    found = read_line(line, None)
    if found.who and len(found.who.split()) <= _NAME_WORDS and (found.said or known_role(found.who)):
        return found.who, found.said
    name = line.strip(" *#:：")
    is_named = line.rstrip().endswith((":", "：")) and name[:1].isupper() and _NAME.fullmatch(name)
    return (name, "") if is_named and re.search(rf"{_PERSONA}{re.escape(name)}\b", prompt) else None


def _is_name(who: str) -> bool:
    """Whether all of its words are known: ``User story`` is a label."""
    return all(known_role(word) for word in who.split())


def _of_a_talk(heads: list[Head], above: str) -> list[Head]:
    """Those with the name that is left open, with the user's before it, or with the system's.

    Of a question and its answer only where nothing stands above them: that may be a form, and several are examples.
    """
    bot = heads[-1][1]
    user = next((who for _, who, _ in reversed(heads) if known_role(who) == "user" and _is_name(who)), None)
    if user is None or _CALLS & {*words_of(user), *words_of(bot)}:
        return []
    is_form = Hint.PROMPT in hints_of(user) or Hint.ANSWER in hints_of(bot) or len(bot) == 1
    if is_form and (above or len(heads) > _FORM_HEADS):
        return []
    return [head for head in heads if head[1] in (user, bot) or known_role(head[1]) in ("system", "developer")]


def whole_prompt(columns: Sequence[Column], prompt: str, answer: str | None) -> str:
    """The column of what the model saw, such as ``full_prompt``: the prompts stand in it, and no answers after them."""
    by_path = {column.path: column for column in columns}
    asked, answers = by_path[prompt], by_path[answer].values if answer else []
    wholes = [
        column
        for column in columns
        if column.path not in (prompt, answer)
        and (column.kind, asked.kind) == (Kind.TEXT, Kind.TEXT)
        and last_hint(column.leaf, _SIDES) is Hint.PROMPT
        and not {Hint.ID, Hint.EXPECTED, Hint.SYSTEM, Hint.TOKENS} & hints_of(column.leaf)
        and _names_whole(column.leaf)
        and not (is_generated(column.leaf) or is_reworded(column))
        and column.length > asked.length
        and min(column.prose, column.filled) >= 0.5
        and holds(column, asked)
        and not _is_answered_in(column, asked, answers)
    ]
    return max(wholes, key=lambda column: column.length, default=asked).path


def with_own_prompt(record: dict[str, Json], columns: Mapping[str, str]) -> dict[str, Json]:
    """The record with what the model saw in this row for a prompt: its ``full_prompt``, or its question without one."""
    prompt, answer, system = (columns.get(role, "") for role in ("prompt", "answer", "system"))
    words = str(pick(record, prompt) or "").strip()
    if not words and _wholes((prompt,)):
        other = guess_columns(name for name, cell in record.items() if cell not in (None, "")).get("prompt")
        return record | {prompt: record[other]} if other else record
    said, told = (str(record.get(name) or "").strip() for name in (answer, system))
    for name in _wholes(tuple(record)) if prompt else ():
        text = record[name] if isinstance(record[name], str) else ""
        before, mark, rest = text.rpartition(words) if words else (text, text.strip(), "")
        if mark and before.strip() + rest.strip() and not (said and said in rest):
            return record | {prompt: text} | ({system: ""} if told and told in before else {})
    return record


@lru_cache(maxsize=256)
def _wholes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are called as whole prompts are."""
    called = (name for name in names if "prompt" in words_of(name) and not _SURE.isdisjoint(words_of(name)))
    return tuple(name for name in called if last_hint(name, _SIDES) is Hint.PROMPT and _names_whole(name))


def _names_whole(name: str) -> bool:
    """``full_prompt``, ``rag_prompt``, but not ``router_prompt``, which another step was sent."""
    words = words_of(name)
    step = takewhile(lambda word: word != "with", words)  # prompt_with_memory
    return (MADE | OTHER_WORK).isdisjoint(words) and _STEPS.isdisjoint(step)


def holds(whole: Column, part: Column) -> bool:
    """Whether nearly all texts of one column stand in those of another, and no row lacks it."""
    pairs = list(zip(whole.values, part.values, strict=False))
    is_text = whole.kind is Kind.TEXT and len(whole.values) == len(part.values)
    return is_text and most(pairs, lambda pair: str(pair[1]).strip() in str(pair[0]))


def _is_answered_in(whole: Column, asked: Column, answers: Sequence[Json]) -> bool:
    """Whether these are lines of a log, which end with the answer, or for a judge, who is told what it is."""
    said = tuple(text for answer in answers if (text := str(answer).strip()))
    rests = [str(text).rpartition(str(part).strip())[2] for text, part in zip(whole.values, asked.values, strict=True)]
    ends = [rest[:cut].rstrip() for rest in rests for cut in (len(rest), rest.rstrip().rfind(" "))]
    marks = ((rest, mark) for rest in rests for mark in _MARK.finditer(rest) if _OF_ANSWERS & hints_of(mark[1]))
    told = {rest for rest, mark in marks if rest.startswith(said, mark.end())}
    return 2 * max(sum(end.endswith(said) for end in ends), len(told)) > len(rests)


def without_templates(columns: Sequence[Column]) -> list[Column]:
    """Without the templates of prompts that stand beside them, filled in."""
    texts = [column for column in columns if column.kind is Kind.TEXT and column.prose >= 0.5]
    sent = [text for text in texts if Hint.ANSWER not in hints_of(text.leaf)]
    templates = [text for text in sent if most(text.values, lambda value: bool(_PLACE.search(str(value))))]
    used = {one.path for one in templates for other in sent if one is not other and _is_filled_in(one, other)}
    return [column for column in columns if column.path not in used]


def _is_filled_in(template: Column, text: Column) -> bool:
    """Whether one is by its name, or repeats, and the other has all that it says; in others, names may be masked."""
    is_named = _TEMPLATE & {*words_of(template.leaf)} or _FILLED & {*words_of(text.leaf)}
    pairs = list(zip(template.values, text.values, strict=False))
    is_paired = len(template.values) == len(text.values) and bool(is_named or template.distinct <= 0.5)
    return is_paired and most(pairs, lambda pair: _fills(str(pair[0]), str(pair[1])))


def _fills(template: str, text: str) -> bool:
    """Whether a text has what a template says around its places, in that order."""
    first, *pieces = _PLACE.split(template.strip())
    text = text.strip()
    if not text.startswith(first) or not pieces or not text.endswith(pieces[-1]) or _PLACE.search(text):
        return False
    at = len(first)
    for piece in pieces:
        at = text.find(piece, at) + len(piece)
        if at < len(piece):
            return False
    return True
