"""Samples that share a document or a template: their answers stand or fall together (METHOD 2, clusters)."""

from collections import Counter
from collections.abc import Sequence

from advisor.ingest.grouping.group import system_text, template_of
from advisor.types import Sample

SHORTEST = 300
"""Characters of a passage that two prompts hold not by chance."""
LARGEST_SHARE = 0.2
"""What more of the samples hold is the use case's own: as a cluster it would leave fewer than five."""


def documents_of(samples: Sequence[Sample]) -> dict[int, str]:
    """By sample id what other samples of the use case hold too, as far as there is such: a passage, or the template.

    A use case that was put together from many templates has one cluster for each; what many of its samples hold is its
    own template, and clusters nothing.
    """
    passages = {sample.id or 0: _passages(sample) | _template(sample) for sample in samples}
    counts = Counter(passage for own in passages.values() for passage in own)
    shared = {passage: n for passage, n in counts.items() if 1 < n <= LARGEST_SHARE * len(samples)}
    return {
        sample_id: max(
            (passage for passage in own if passage in shared), key=lambda passage: (shared[passage], passage)
        )
        for sample_id, own in passages.items()
        if own & shared.keys()
    }


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
