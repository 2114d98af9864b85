"""What the requests of samples have in common: documents, templates, conversations, or all (METHOD 2, clusters)."""

import json
import re
from collections import Counter
from collections.abc import Sequence

from advisor.collect.readable import split_prompt
from advisor.ingest.grouping.prompt import system_text, template_of
from advisor.ingest.same_calls import request_digest
from advisor.types import Sample, StoredSample

_BLANK = re.compile(r"\n\s*\n")
_INSTRUCTING = ("system", "developer")
PROMPT = 60
"""Characters by which a repeated request is named."""
SHORTEST = 300
"""Characters of a passage that two prompts hold not by chance."""
LARGEST_SHARE = 0.2
"""Instructions that more of the samples hold are the use case's own: what is said of it holds for that text."""
LARGEST_SHARE_TOLD = 0.5
"""The same of what users and tools say: a use case may be about three or four documents."""


def shared_texts(samples: Sequence[StoredSample]) -> dict[int, tuple[int, ...]]:
    """By sample id a code for each text, passage or template, that other conversations of the use case hold too.

    Of repeats of one request only the first holds any: each further draw is an independent look at the traffic.
    A use case that was put together from many templates has one group for each; instructions that many of its samples
    hold are its own template, and group nothing.
    """
    first: dict[str, StoredSample] = {}
    for sample in samples:
        first.setdefault(request_digest(sample.request), sample)
    samples = list(first.values())
    instructions = [
        {template_of(system_text(sample.request))} - {""} | _passages(sample, instructions=True) for sample in samples
    ]
    held = [own | _passages(sample, instructions=False) for own, sample in zip(instructions, samples, strict=True)]
    counts = Counter(text for own in held for text in own)
    instructed = set().union(*instructions)
    # Turns of one conversation go together anyway, and each repeats what was said before.
    told_in = {
        (text, sample.ids.session or sample.id) for own, sample in zip(held, samples, strict=True) for text in own
    }
    apart = Counter(text for text, _ in told_in)
    shared = [
        text
        for text, n in counts.items()
        if apart[text] > 1 and n <= (LARGEST_SHARE if text in instructed else LARGEST_SHARE_TOLD) * len(samples)
    ]
    codes = {text: code for code, text in enumerate(shared)}
    found = {
        sample.id: tuple(sorted(codes[text] for text in own if text in codes))
        for sample, own in zip(samples, held, strict=True)
    }
    return {sample_id: texts for sample_id, texts in found.items() if texts}


def repeated_prompts(samples: Sequence[StoredSample]) -> dict[int, str]:
    """How the prompts begin of requests that are there more than once, by sample."""
    digests = [request_digest(sample.request) for sample in samples]
    counts = Counter(digests)
    repeated = (sample for sample, digest in zip(samples, digests, strict=True) if counts[digest] > 1)
    starts = ((sample.id, " ".join(split_prompt(sample.request.messages)[1].split())) for sample in repeated)
    return {id_: text if len(text) <= PROMPT else f"{text[: PROMPT - 1]}…" for id_, text in starts}


def has_later_turns(samples: Sequence[Sample]) -> bool:
    """Whether samples hold earlier answers of their own conversation: answers that no other conversation holds.

    What stands in several is an example that prompts are given. A request without a session is one of its own.
    """
    holders: dict[str, set[str]] = {}
    for sample in samples:
        own = sample.ids.session or request_digest(sample.request)
        for message in sample.request.messages:
            if message.get("role") == "assistant":
                holders.setdefault(json.dumps(message), set()).add(own)
    return any(len(conversations) == 1 for conversations in holders.values())


def _passages(sample: StoredSample, *, instructions: bool) -> set[str]:
    """The long paragraphs and lines of the instructions, where some put what was found, or of all else it was told."""
    texts = []
    for message in sample.request.messages:
        role = message.get("role")
        if role == "assistant" or (role in _INSTRUCTING) is not instructions:
            continue
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        texts += [part.get("text") for part in parts if isinstance(part, dict)]
    found = (
        part.strip() for text in texts if isinstance(text, str) for part in (*_BLANK.split(text), *text.split("\n"))
    )
    return {part for part in found if len(part) >= SHORTEST}
