"""What a mean hides, in words."""

from collections.abc import Iterator

from advisor.analysis.verdict import Cause, Facts
from advisor.analysis.wording import count, signed
from advisor.types import Caveat, CaveatCode

HELD = (Cause.CLASS_NEVER_RIGHT, Cause.FALLS_LATELY)
"""Good enough, but for what the mean hides."""


def obstacles(facts: Facts, cause: Cause) -> Iterator[str]:
    """What holds a ``switch`` and what may change that; the reason has the words of the one that the verdict is for."""
    for caveat in facts.caveats:
        if caveat.holds:
            remedy = f"{hold_remedy(caveat)[:1].upper()}{hold_remedy(caveat)[1:]}."
            is_told = cause in HELD and caveat is facts.held_by
            yield remedy if is_told else f"{caveat_words(caveat, facts.baseline)} {remedy}"


def caveat_words(caveat: Caveat, baseline: str) -> str:
    """What a mean hides, as one sentence."""
    c = caveat
    hits, theirs = round(c.value * c.n), round(c.baseline_value * c.n)
    if c.code is CaveatCode.P95_FAR:
        return (
            f"p95 latency is {c.value:.1f} s, {c.value / c.baseline_value:.1f} times that of {baseline} "
            f"({c.baseline_value:.1f} s), and no limit is set."
        )
    return {
        CaveatCode.CLASS_NEVER_RIGHT: (
            f"Never right on {_quoted(c.where)}: 0 of {c.n:,} samples, {baseline} {theirs:,}."
        ),
        CaveatCode.FIELD_NEVER_RIGHT: (
            f"Never gets the field {_quoted(c.where)} right: 0 of {c.n:,} samples, {baseline} {theirs:,}."
        ),
        CaveatCode.FALLS_LATELY: f"Quality drops in the last fifth of the log: {_change_words(c, baseline)}.",
        CaveatCode.FALLS_SINCE: f"Quality drops during the log: {_change_words(c, baseline)}.",
        CaveatCode.NEAR_CONSTANT: (
            f"{hits:,} of {c.n:,} long answers are mostly the same text, whatever the request. {baseline}: {theirs:,}."
        ),
        CaveatCode.COPIED: (
            f"{hits:,} of {c.n:,} long answers repeat the recorded answer almost word for word ({theirs:,} expected)."
        ),
    }[c.code]


def hold_remedy(caveat: Caveat) -> str:
    """What may lift the hold of a caveat that holds a ``switch``; a clause."""
    if caveat.code is CaveatCode.FALLS_LATELY:
        return f"find out what changed in your traffic{_since(caveat)}, and replay newer samples"
    return f"give examples of {_quoted(caveat.where)} in the prompt, or fine-tune on some"


def _change_words(caveat: Caveat, baseline: str) -> str:
    now, before = signed(caveat.value - caveat.baseline_value), signed(caveat.before or 0.0)
    return f"{now} vs {baseline}{_since(caveat)} ({count(caveat.n, 'sample')}), {before} before"


def _since(caveat: Caveat) -> str:
    return f" since {caveat.at.day} {caveat.at:%b %Y %H:%M} UTC" if caveat.at else ""


def _quoted(name: str) -> str:
    return f"\u201c{name}\u201d"
