"""Reviews in words: what they say of the judge and of each other, and how many are still needed."""

from collections.abc import Mapping

from advisor.text.numbers import count, listing, percent
from advisor.types import ReviewUse


def agreement_words(who: str, same: int, n: int, kappa: tuple[float, float, float] | None, missing: int) -> str:
    """How often two raters agree; kappa with its bounds where it is known."""
    said = f"{who} agree on {same:,} of {count(n, 'pair')}"
    if kappa is None:
        return f"{said}, which may be chance: {why_no_kappa(missing)}."
    return f"{said}; kappa {kappa_range(*kappa)}."


def judge_check(same: int, n: int, missing: int, *, is_contradicted: bool) -> str:
    """What reviews say of the judge; ``missing``: how many more it takes to say anything."""
    agreed = f"they agree on {same:,} of {count(n, 'pair')}"
    if is_contradicted:
        return f"Reviewers contradict the judge: {agreed}."
    if missing:
        return f"Too early to trust the judge: {agreed}, {count(missing, 'more review')} to go."
    return f"Reviewers confirm the judge: {agreed}."


def why_no_kappa(missing: int) -> str:
    """Why kappa is unknown. ``missing``: pairs that it takes."""
    if not missing:
        return "all votes are the same"
    return f"{count(missing, 'more pair')} {'is' if missing == 1 else 'are'} needed"


def kappa_range(kappa: float, low: float, high: float) -> str:
    """Kappa with its bounds: ".62 (.44 to .80)"."""
    point, least, most = map(_two_digits, (kappa, low, high))
    return f"{point} ({least} to {most})"


def _two_digits(value: float) -> str:
    text = f"{value:.2f}".replace("0.", ".").replace("-", "−")
    return "0" if text in (".00", "−.00") else text


def position_bias(flipped: int, pairs: int) -> str:
    """How often the judge's vote changed with the order."""
    if not pairs:
        return "No pair was judged in both orders."
    share = percent(flipped / pairs)
    return f"Position bias: its vote changed with the order in {flipped:,} of {pairs:,} pairs ({share})."


def preferred(pairs: int, counts: Mapping[str, int], neither: int) -> str:
    """How often each model was preferred: "Of 10 pairs you preferred A in 6, B in 3 and neither in 1."."""
    parts = [f"{name} in {n}" for name, n in counts.items()]
    parts += [f"neither in {neither}"] if neither else []
    return f"Of {count(pairs, 'pair')} you preferred {listing(parts, most=len(parts))}."


_USES = {ReviewUse.CHECK: "trust the judge", ReviewUse.CORRECT: "correct the judge's numbers"}


def milestone_words(n: int, of: int, use: ReviewUse | None, reached: bool) -> str:
    """How many pairs are reviewed and what that allows."""
    if reached:
        return f"{n:,} of {count(of, 'pair')} reviewed{f', enough to {_USES[use]}' if use else ''}"
    return f"{n:,} of {of} reviews to {_USES[use]}" if use else f"{n:,} of {of} reviewed"
