"""What a log tells about paying less without moving: shared beginnings, repeated calls, long prompts and answers.

Pure arithmetic on what calls have in common; which rules and prices hold is for the caller to say.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from advisor.analysis.quality.columns import Array
from advisor.types import CacheRuleSource

BLOCK = 256
"""Characters: about 64 tokens. Beginnings are compared in whole blocks."""


@dataclass(frozen=True, kw_only=True)
class CacheRule:
    """When a provider takes the beginning of a prompt from its cache."""

    least_tokens: int
    """A shorter beginning is not kept."""
    step_tokens: int
    """Only multiples of it count."""
    window_s: float
    """So long after it was last used."""
    automatic: bool
    """Whether nobody has to ask for it."""
    source: CacheRuleSource


class Prompt(NamedTuple):
    """One prompt by the chained marks of its blocks."""

    at_s: float
    tokens: int
    """Of its whole input."""
    characters: int
    blocks: tuple[int, ...]


class Prefix(NamedTuple):
    """What of one prompt a cache can do, in tokens."""

    read: int
    """Could have come from the cache."""
    write_least: int
    """Of the rest, what a later prompt reads: an owner who knows this writes no more."""
    write_most: int
    """The whole rest."""


def blocks_of(text: str) -> tuple[int, ...]:
    """A mark for each whole block of BLOCK characters; equal marks mean equal texts up to there."""
    marks, mark = [], 0
    for start in range(0, len(text) - BLOCK + 1, BLOCK):
        mark = hash((mark, text[start : start + BLOCK]))
        marks.append(mark)
    return tuple(marks)


def shared_prefixes(prompts: Sequence[Prompt], rule: CacheRule) -> list[Prefix]:
    """What each of the prompts of one model could have read from the cache, and what had to be written for that.

    ``prompts`` are in order of time. A beginning stays in the cache for the window after its last use. The first
    prompts of a log read nothing, since what was asked before is not known.
    """
    seen: dict[int, tuple[float, int]] = {}  # mark -> when it was used last, who wrote it
    read = [0] * len(prompts)
    useful = [0] * len(prompts)
    for i, prompt in enumerate(prompts):
        hits = _hits(prompt, seen, rule)
        read[i] = _tokens(prompt, hits, rule)
        kept = hits if read[i] else 0
        for depth, mark in enumerate(prompt.blocks, start=1):
            writer = i
            if depth <= kept:
                writer = seen[mark][1]
                useful[writer] = max(useful[writer], depth)
            seen[mark] = (prompt.at_s, writer)
    found = []
    for i, prompt in enumerate(prompts):
        least = max(_tokens(prompt, useful[i], rule) - read[i], 0)
        rest = prompt.tokens - read[i]
        found.append(Prefix(read[i], least, rest if prompt.tokens >= rule.least_tokens else 0))
    return found


def repeats(keys: Array, at_s: Array, within_s: float = math.inf) -> Array:
    """Which calls ask what an earlier one asked at most ``within_s`` before; keys and times have shape (n,).

    Times in seconds, NaN where unknown: such a call repeats only without a limit on time.
    """
    order = np.lexsort((np.nan_to_num(at_s, nan=-np.inf), keys))
    same = np.concatenate(([False], keys[order][1:] == keys[order][:-1]))
    if math.isfinite(within_s):
        gap = np.concatenate(([np.nan], np.diff(at_s[order])))
        same &= gap <= within_s
    found = np.zeros(len(keys), dtype=bool)
    found[order] = same
    return found


def over_quantile(amounts: Array, group: Array, share: float, least: int = 1) -> Array:
    """How far each amount is above that quantile of its group, 0 below it; all of shape (n,), groups are codes.

    Groups of fewer than ``least`` amounts have no such quantile: 0.
    """
    over = np.zeros(len(amounts))
    for code in np.unique(group):
        mine = group == code
        if mine.sum() >= least:
            over[mine] = np.maximum(amounts[mine] - np.quantile(amounts[mine], share), 0.0)
    return over


def stretches(n: int, most: int, pieces: int) -> Array:
    """Which of ``n`` calls in order of time to read: all, or ``pieces`` unbroken stretches spread evenly."""
    if n <= most:
        return np.arange(n)
    length = most // pieces
    starts = np.linspace(0, n - length, pieces).astype(int)
    return np.unique(np.concatenate([np.arange(start, start + length) for start in starts]))


def _hits(prompt: Prompt, seen: dict[int, tuple[float, int]], rule: CacheRule) -> int:
    """How many blocks from the beginning on are in the cache."""
    for depth, mark in enumerate(prompt.blocks):
        if mark not in seen or prompt.at_s - seen[mark][0] > rule.window_s:
            return depth
    return len(prompt.blocks)


def _tokens(prompt: Prompt, blocks: int, rule: CacheRule) -> int:
    """Tokens of so many blocks, at the prompt's own average of characters to a token."""
    if not prompt.characters:
        return 0
    tokens = int(prompt.tokens * blocks * BLOCK / prompt.characters)
    return tokens // rule.step_tokens * rule.step_tokens if tokens >= rule.least_tokens else 0
