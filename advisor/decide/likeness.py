"""Long answers that are suspiciously alike: one text to most requests, or the recorded answers once more (METHOD 1.10).

Texts are compared by their runs of five words, case and punctuation aside. What is counted on the candidate's side is
counted in the same way on the baseline's.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from advisor.analysis.quality.columns import Array
from advisor.analysis.quality.evidence import Alike
from advisor.judge.run_facts import RunFacts
from advisor.types import Answer, Lane, Request, StoredModel, StoredSample

MIN_WORDS = 20
"""Shorter answers may be the same for good reasons."""
RUN = 5
KEPT = 64
"""Runs by which a text is compared, those with the smallest hashes: the same ones in texts that are alike."""
COMMON = 0.1
"""The share of different requests whose answers hold a run that is then no one request's own ..."""
MIN_COMMON = 5
"""... and how many that are at least."""
MOSTLY = 0.5
"""Share of an answer that is made of such runs, or of runs of its own prompt."""
NEARLY = 0.7
"""Share of all runs of two texts that both hold: one word in thirty may differ."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
_MIX = np.uint64(0x9E3779B97F4A7C15)


def runs_of(text: str, length: int = RUN) -> Array:
    """The hashes of a text's runs of so many words, each once and sorted."""
    words = np.array([zlib.crc32(word.encode()) for word in _WORD.findall(text.casefold())], dtype=np.uint64)
    length = min(length, len(words))
    hashes = np.zeros(len(words) - length + 1 if length else 0, dtype=np.uint64)
    for place in range(length):
        hashes = (hashes + words[place : place + len(hashes)]) * _MIX
        hashes ^= hashes >> np.uint64(29)
    return np.unique(hashes)


class Text:
    """An answer that is a text, by its runs of words."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def is_long(self) -> bool:
        """Whether it has enough words to be compared."""
        return len(_WORD.findall(self._text.casefold())) >= MIN_WORDS

    @cached_property
    def runs(self) -> Array:
        """The hashes of the runs it is compared by."""
        return runs_of(self._text)[:KEPT]

    def share_in(self, runs: Array) -> float:
        """How much of it is made of these runs."""
        return float(np.isin(self.runs, runs).mean()) if len(self.runs) else 0.0

    def is_nearly(self, other: "Text") -> bool:
        """Whether both are nearly the same text."""
        of_both = np.union1d(self.runs, other.runs)[:KEPT]
        shared = np.intersect1d(self.runs, other.runs, assume_unique=True)
        return len(of_both) > 0 and float(np.isin(of_both, shared).mean()) >= NEARLY


def text_of(answer: Answer | None) -> Text | None:
    """None without an answer, or for a structured one."""
    if answer is None or answer.tool_calls or not answer.text or answer.text.lstrip()[0:1] in "{[`":
        return None
    return Text(answer.text)


def count_near_constant(
    requests: Sequence[str], ours: Sequence[Text | None], theirs: Sequence[Text | None]
) -> Alike | None:
    """Answers that are mostly made of what answers to many other requests hold, in either lane.

    All have shape (n,), in the order of the samples; equal ``requests`` are the same one. None without texts.
    What is common is found in both lanes together, so that equal models are found alike as often.
    """
    pairs = [(r, a, b) for r, a, b in zip(requests, ours, theirs, strict=True) if a and b and b.is_long]
    if not pairs:
        return None
    held: dict[str, list[Array]] = {}
    for request, *texts in pairs:
        held.setdefault(request, []).extend(text.runs for text in texts)
    runs, counts = np.unique(
        np.concatenate([np.unique(np.concatenate(each)) for each in held.values()]), return_counts=True
    )
    common = runs[counts >= max(MIN_COMMON, COMMON * len(held))]
    return _counted((a.share_in(common) >= MOSTLY, b.share_in(common) >= MOSTLY) for _, a, b in pairs)


def count_copied(
    samples: Sequence[StoredSample],
    requests: Sequence[str],
    recorded: Sequence[Text | None],
    ours: Sequence[Text | None] | None,
    theirs: Sequence[Text | None],
) -> Alike | None:
    """Answers that are nearly the recorded ones; ``ours`` are the live baseline's, None where only recorded ones are.

    Then the log's own rate counts: recorded answers that are also recorded for another request.
    """
    repeats = _recorded_twice(requests, recorded)
    flags = []
    for place, (known, given) in enumerate(zip(recorded, theirs, strict=True)):
        if known is None or given is None or not given.is_long:
            continue
        replayed = known if ours is None else ours[place]
        if replayed is None:
            continue
        request = samples[place].request
        of_baseline = place in repeats if ours is None else _is_copy(replayed, known, request)
        flags.append((of_baseline, _is_copy(given, known, request)))
    return _counted(flags) if flags else None


class AnswersAlike:
    """The answers of one use case in a run, each read once."""

    def __init__(self, facts: RunFacts, samples: Sequence[StoredSample]) -> None:
        self._facts, self._samples = facts, samples
        self._requests = [facts.requests[sample.id] for sample in samples]
        self._recorded = [text_of(sample.answer) for sample in samples]
        is_recorded = facts.run.baseline_lane is Lane.RECORDED
        self._replayed = None if is_recorded else [text_of(facts.baseline(sample).answer) for sample in samples]
        self._theirs: tuple[int, list[Text | None]] = (0, [])
        """Those of the model that was asked for last."""

    def near_constant(self, model: StoredModel) -> Alike | None:
        """Answers of a candidate that are mostly one and the same text."""
        ours = self._recorded if self._replayed is None else self._replayed
        return count_near_constant(self._requests, ours, self._read(model))

    def copied(self, model: StoredModel) -> Alike | None:
        """Answers of a candidate that are the recorded ones."""
        return count_copied(self._samples, self._requests, self._recorded, self._replayed, self._read(model))

    def _read(self, model: StoredModel) -> list[Text | None]:
        if self._theirs[0] != model.id:
            given = [text_of(self._facts.candidate(sample, model).answer) for sample in self._samples]
            self._theirs = model.id, given
        return self._theirs[1]


def _is_copy(given: Text, known: Text, request: Request) -> bool:
    """A text that is mostly its own prompt's, such as a corrected one, is nobody's copy."""
    return given.is_nearly(known) and given.share_in(runs_of("\n".join(_told(request)))) < MOSTLY


def _told(request: Request) -> Iterable[str]:
    for message in request.messages:
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        yield from (str(part.get("text") or "") for part in parts if isinstance(part, dict))


def _recorded_twice(requests: Sequence[str], recorded: Sequence[Text | None]) -> set[int]:
    keys = {place: text.runs.tobytes() for place, text in enumerate(recorded) if text is not None}
    of = Counter(key for key, _ in {(key, requests[place]) for place, key in keys.items()})
    return {place for place, key in keys.items() if of[key] > 1}


def _counted(flags: Iterable[tuple[bool, bool]]) -> Alike:
    """Of (baseline's, candidate's) flags."""
    every = list(flags)
    return Alike(
        n=len(every),
        candidate=sum(theirs for _, theirs in every),
        baseline=sum(ours for ours, _ in every),
        only_candidate=sum(theirs and not ours for ours, theirs in every),
        only_baseline=sum(ours and not theirs for ours, theirs in every),
    )
