"""Samples that share a document or a template: their answers stand or fall together (METHOD 2, clusters)."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from advisor.analysis.clusters import joined
from advisor.ingest.grouping.group import system_text, template_of
from advisor.types import Sample

SHORTEST = 300
"""Characters of a passage that two prompts hold not by chance."""
LARGEST_SHARE = 0.2
"""What more of the samples hold is the use case's own: as a cluster it would leave fewer than five."""


def documents_of(samples: Sequence[Sample]) -> dict[int, str]:
    """By sample id the name of its group, where others of the use case hold a text of it too: passage or template.

    All such texts count: two samples that share any are in one group, and so are those that a third one links. What
    many samples of the use case hold is its own template, and groups nothing.
    """
    held = [_passages(sample) | _template(sample) for sample in samples]
    counts = Counter(text for own in held for text in own)
    shared = [text for text, n in counts.items() if 1 < n <= LARGEST_SHARE * len(samples)]
    codes = {text: code for code, text in enumerate(shared)}
    links = [(position, codes[text]) for position, own in enumerate(held) for text in own if text in codes]
    if not links:
        return {}
    positions, texts = np.array(links).T
    groups = joined(positions, texts, len(samples))
    return {samples[position].id or 0: f"{groups[position]}" for position in np.unique(positions)}


def _template(sample: Sample) -> set[str]:
    """The instructions without what differs from call to call."""
    template = template_of(system_text(sample.request))
    return {template} if template else set()


def _passages(sample: Sample) -> set[str]:
    """The long paragraphs of everything but the instructions."""
    texts = []
    for message in sample.request.messages:
        if message.get("role") in ("system", "developer", "assistant"):
            continue
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        texts += [part.get("text") for part in parts if isinstance(part, dict)]
    lines = (line.strip() for text in texts if isinstance(text, str) for line in text.split("\n\n"))
    return {line for line in lines if len(line) >= SHORTEST}
