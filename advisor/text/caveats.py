"""What a mean hides, in words, and what may help."""

from advisor.text.numbers import count, signed
from advisor.types import Caveat, CaveatCode


def caveat_words(caveat: Caveat, baseline: str) -> str:
    """What a mean hides, as one sentence."""
    c = caveat
    hits, theirs = round(c.value * c.n), round(c.baseline_value * c.n)
    match c.code:
        case CaveatCode.P95_FAR:
            times = f"{c.value / c.baseline_value:.1f} times that of {baseline} ({c.baseline_value:.1f} s)"
            return f"p95 latency is {c.value:.1f} s, {times}, and no limit is set."
        case CaveatCode.CLASS_NEVER_RIGHT:
            return f"Never right on {_quoted(c.where)}: 0 of {c.n:,} samples, {baseline} {theirs:,}."
        case CaveatCode.FIELD_NEVER_RIGHT:
            return f"Never gets the field {_quoted(c.where)} right: 0 of {c.n:,} samples, {baseline} {theirs:,}."
        case CaveatCode.FALLS_LATELY:
            return f"Quality drops in the last fifth of the log: {_change(c, baseline)}."
        case CaveatCode.FALLS_SINCE:
            return f"Quality drops during the log: {_change(c, baseline)}."
        case CaveatCode.NEAR_CONSTANT:
            same = f"{hits:,} of {c.n:,} long answers are mostly the same text"
            return f"{same}, whatever the request. {baseline}: {theirs:,}."
        case CaveatCode.COPIED:
            copied = f"{hits:,} of {c.n:,} long answers repeat the recorded answer almost word for word"
            return f"{copied} ({theirs:,} expected)."


def hold_remedy(caveat: Caveat) -> str:
    """What may lift the hold of a caveat that holds a ``switch``; a clause."""
    if caveat.code is CaveatCode.FALLS_LATELY:
        return f"find out what changed in your traffic{_since(caveat)}, and replay newer samples"
    return f"give examples of {_quoted(caveat.where)} in the prompt, or fine-tune on some"


def _change(caveat: Caveat, baseline: str) -> str:
    now, before = signed(caveat.value - caveat.baseline_value), signed(caveat.before or 0.0)
    return f"{now} vs {baseline}{_since(caveat)} ({count(caveat.n, 'sample')}), {before} before"


def _since(caveat: Caveat) -> str:
    return f" since {caveat.at.day} {caveat.at:%b %Y %H:%M} UTC" if caveat.at else ""


def _quoted(name: str) -> str:
    return f"\u201c{name}\u201d"
