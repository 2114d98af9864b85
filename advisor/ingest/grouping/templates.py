"""What prompts of one purpose have word for word in common: templates, and openings ("Summarise the following:").

A template is the sentences that stay the same wherever names, dates and texts are put in; an opening is the constant
beginning of messages that a program puts together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from advisor.ingest.grouping.words import BREAK, TASK, are_slots, content

ALIKE = 0.75
"""Two templates with this share of their words in common are one with optional sentences or another version of it."""
HELD = 0.7
"""A prompt that holds this share of a template's words was made from it."""
_MOST = 0.6
_LONGEST = 30
_LEAST = 4
"""Words that prompts must share beside what is put into a sentence."""
NATURAL_SHARE = 0.03
"""People begin alike by chance; a beginning without a colon or a line's end must make up this share of the calls."""
_SHORTEST = 4
_CERTAIN = 8
"""Nobody begins by chance with as many words that another one used."""
_CONSTANT = 0.9
"""A word that follows this often belongs to the beginning."""
_ENOUGH = 20
_OFTEN = 0.1
_NEARLY_ALL = 0.8
_TASK_WORDS = 4
"""A task is named within this many opening words ("Please could you summarise")."""
Words = tuple[str, ...]
Template = frozenset[str]
"""The sentences that stay the same from call to call."""


def weight(sentences: Iterable[str]) -> int:
    """The words of sentences; a very long one counts no more than a long one."""
    return sum(min(_LONGEST, 1 + sentence.count(" ")) for sentence in sentences)


def find_templates(prompts: Sequence[tuple[frozenset[str], float]], smallest: float) -> list[Template]:
    """The templates of prompts given by their sentences, and of how many calls each stands for; the most used first.

    Sentences that fewer than ``smallest`` calls hold are what is put into a template.
    """
    common: dict[str, float] = defaultdict(float)
    for sentences, calls in prompts:
        for sentence in sentences:
            common[sentence] += calls
    constant = frozenset(sentence for sentence, calls in common.items() if calls >= smallest)
    variants: dict[frozenset[str], float] = defaultdict(float)
    for sentences, calls in prompts:
        if kept := sentences & constant:
            variants[kept] += calls
    by_use = sorted(variants.items(), key=lambda item: (-item[1], sorted(item[0])))
    families: list[_Family] = []
    for kept, calls in by_use:
        home = next((family for family in families if _alike(family.sentences, kept) >= ALIKE), None)
        home = home or next((family for family in families if family.fills(kept)), None)
        if home is None:
            families.append(_Family(kept, calls))
        else:
            home.calls += calls
    return [family.sentences for family in families if family.calls >= smallest]


@dataclass
class _Family:
    """Prompts of one template so far."""

    sentences: frozenset[str]
    calls: float
    _filled: list[list[str]] = field(default_factory=list)
    """Sentences that something is put into, one for each."""

    def fills(self, others: frozenset[str]) -> bool:
        """Whether a prompt is this one with something else put in, "The customer is Ann." for "... is Bob.".

        What both have in common is the template from then on.
        """
        common = self.sentences & others
        if weight(common) < _LEAST:
            return False
        own = [sentence.split() for sentence in sorted(self.sentences - common)]
        for sentence in map(str.split, sorted(others - common)):
            like = next((mine for mine in own if are_slots(mine, sentence)), None)
            if like is not None:
                own.remove(like)
            elif not any(are_slots(mine, sentence) for mine in self._filled):
                return False
        if own:
            return False
        self._filled += [sentence.split() for sentence in sorted(self.sentences - common)]
        self.sentences = common
        return True


def text_of_template(template: Template) -> str:
    """A sentence on each line."""
    return "\n".join(sorted(template))


def template_of_text(text: str) -> Template:
    """What ``text_of_template`` wrote."""
    return frozenset(text.split("\n"))


def constant_template(prompts: Sequence[frozenset[str]]) -> Template | None:
    """What most prompts of one purpose have in common, or None."""
    found = find_templates([(sentences, 1.0) for sentences in prompts], max(1.0, _MOST * len(prompts)))
    return found[0] if found else None


class Templates:
    """Finds the template that a prompt was made from."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._templates = templates
        self._weights = [weight(template) for template in templates]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for index, template in enumerate(templates):
            for sentence in template:
                self._holders[sentence].append(index)
        self._known: dict[frozenset[str], int | None] = {}

    def find(self, sentences: frozenset[str]) -> int | None:
        """The index of the template that these sentences hold most of, or None."""
        held = frozenset(sentence for sentence in sentences if sentence in self._holders)
        if held not in self._known:
            self._known[held] = self._best(held)
        return self._known[held]

    def _best(self, held: frozenset[str]) -> int | None:
        candidates = {index for sentence in held for index in self._holders[sentence]}
        words = {index: weight(self._templates[index] & held) for index in candidates}
        scored = [
            (count, count / self._weights[index], -index)
            for index, count in words.items()
            if count >= HELD * self._weights[index]
        ]
        return -max(scored)[2] if scored else None


def _alike(some: frozenset[str], others: frozenset[str]) -> float:
    shared = weight(some & others)
    return shared / (weight(some) + weight(others) - shared) if shared else 0.0


def find_openings(messages: Sequence[Words], smallest: float, *, share: float = NATURAL_SHARE) -> list[Words]:
    """The beginnings that ``smallest`` of the messages or more have, the longest first."""
    found = list(_branches(sorted(messages), (), smallest, max(smallest, share * len(messages))))
    return sorted(set(found), key=lambda opening: (-len(opening), opening))


def opening_of(message: Words, openings: Sequence[Words]) -> int | None:
    """The index of the longest opening that a message begins with, or None."""
    return next((index for index, words in enumerate(openings) if message[: len(words)] == words), None)


def fall_apart(messages: Sequence[Words]) -> bool:
    """Whether nearly all of the messages begin with one of two tasks or more ("Translate ...", "Summarise ...").

    Messages of one purpose may begin in few ways too ("Order 17 arrived late"), but with what it is about.
    """
    if len(messages) < _ENOUGH:
        return False
    openings = find_openings(messages, max(3, _OFTEN * len(messages)), share=_OFTEN)
    tasks = {opening: task for opening in openings if (task := _task_in(opening))}
    begun = sum(opening_of(message, list(tasks)) is not None for message in messages)
    return len(set(tasks.values())) >= 2 and begun >= _NEARLY_ALL * len(messages)


def _task_in(opening: Words) -> str | None:
    return next((found[0] for word in opening[:_TASK_WORDS] if (found := TASK.match(word))), None)


def _branches(messages: list[Words], begin: Words, smallest: float, natural: float) -> Iterator[Words]:
    """``messages`` are sorted and all begin with ``begin``."""
    while True:
        following = [(word, list(own)) for word, own in groupby(messages, partial(_word_at, len(begin)))]
        large = [(word, own) for word, own in following if word and len(own) >= smallest]
        if len(large) == 1 and len(large[0][1]) >= _CONSTANT * len(messages):
            messages, begin = large[0][1], (*begin, large[0][0])
            continue
        break
    deeper = [
        opening
        for word, own in large
        for opening in _branches(own, (*begin, word), smallest, natural)
        if len(content(opening[len(begin) :])) >= _needed(begin)
    ]
    if _says_something(begin):
        deeper = [own for own in deeper if not any(_is_filled(begin, own, other) for other in deeper if other != own)]
    yield from deeper
    left = [m for m in messages if not any(m[: len(words)] == words for words in deeper)]
    if len(left) >= (smallest if _is_made(begin) else natural) and _says_something(begin):
        yield begin


def _is_filled(begin: Words, some: Words, others: Words) -> bool:
    """Whether two openings go on after ``begin`` with the same words around what was put in."""
    return are_slots(some[len(begin) :], others[len(begin) :])


def _word_at(place: int, message: Words) -> str:
    return message[place] if place < len(message) else ""


def _needed(begin: Words) -> int:
    """How many words that say something must follow until it is another purpose."""
    if not _says_something(begin):
        return 1
    return 3 if any(TASK.match(word) for word in begin) else 2


def _is_made(words: Words) -> bool:
    """Whether a program rather than a person began like this."""
    said = content(words)
    return (BREAK in words[1:] and len(said) >= 1) or (len(words) >= _CERTAIN and len(said) >= 3)


def _says_something(words: Words) -> bool:
    return (len(words) >= _SHORTEST or (len(words) >= 2 and words[-1] == BREAK)) and len(content(words)) >= 1
