"""Which pairs go together, so that their answers stand or fall together (METHOD 2, clusters)."""

from dataclasses import replace

import numpy as np

from advisor.analysis.columns import Array, Columns

MIN_CLUSTERS = 5
LARGEST = 0.5
"""Of the pairs, in one group: beyond that the mean is that group's own, and its spread about it says nothing."""
CONVERSATIONS, PROMPTS, BOTH = "conversations", "different prompts", "conversations or different prompts"
_WHAT = {
    CONVERSATIONS: "conversation",
    PROMPTS: "group of prompts that share a template or a passage (directly or through others)",
    BOTH: "group of conversations and prompts that share a template or a passage (directly or through others)",
}


def clusters(pairs: Columns) -> tuple[Array, str]:
    """A group for each pair, and what the groups are; empty where each pair stands alone.

    Samples of one conversation go together, and so do those that share a text; what either of them joins is one group.
    """
    n = len(pairs)
    by_session, by_document = _shared(pairs.session), _shared(pairs.document)
    found = {CONVERSATIONS: by_session, PROMPTS: by_document}
    kinds = [kind for kind, shared in found.items() if shared.any()]
    if not kinds:
        return np.arange(n), ""
    positions = np.concatenate([np.flatnonzero(by_session), np.flatnonzero(by_document)])
    codes = np.concatenate([pairs.session[by_session], pairs.document[by_document] + pairs.session.max(initial=0) + 1])
    return joined(positions, codes, n), kinds[0] if len(kinds) == 1 else BOTH


def too_few(pairs: Columns, groups: Array, clusters_of: str) -> str | None:
    """Why so few groups carry no decision, and what makes them so few; None where they are enough.

    ``groups`` and ``clusters_of`` are those of :func:`clusters`.
    """
    if clusters_of == BOTH:  # what alone leaves too few is what makes it so
        nothing = np.full(len(pairs), -1)
        for alone in (replace(pairs, document=nothing), replace(pairs, session=nothing)):
            why = too_few(alone, *clusters(alone))
            if why is not None:
                return why
    sizes = np.unique_counts(groups).counts
    what = _WHAT[clusters_of]
    if len(sizes) < MIN_CLUSTERS:
        noun, _, more = what.partition(" ")
        those = f"one {what}" if len(sizes) == 1 else f"{len(sizes)} {noun}s {more}".strip()
        return f"all answers come from {those} and at least {MIN_CLUSTERS} are needed"
    if sizes.max() > LARGEST * len(groups):
        return f"{sizes.max():,} of {len(groups):,} answers come from one {what}, and none may hold more than half"
    return None


def joined(positions: Array, codes: Array, n: int) -> Array:
    """A group for each of ``n`` items: those that share a code, directly or through others, are in one.

    ``positions`` and ``codes``, both of shape (m,), say which items have which codes.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = n + int(codes.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(codes), dtype=bool), (positions, n + codes)), shape=(size, size))
    found: Array = connected_components(graph, directed=False)[1][:n]
    return found


def _shared(codes: Array) -> Array:
    """Which pairs share their code with another one."""
    shared: Array = (codes >= 0) & (np.bincount(codes + 1)[codes + 1] > 1)
    return shared
