"""Openings: the constant beginnings of messages that a program puts together ("Summarise the following article:")."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from advisor.ingest.grouping.slots import TASK, are_slots
from advisor.ingest.grouping.words import BREAK, content

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
