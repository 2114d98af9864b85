"""Examples side by side, cut where they are too long for a page."""

from advisor.text.numbers import shorten
from advisor.types import Example, Json

MOST_PROMPT = 1_200
MOST_ANSWER = 1_500
MOST_LINES = 26
"""Of one text on paper."""


def example(shown: Example, baseline: str) -> Json:
    """One pair."""
    return {
        "use_case": shorten(shown.use_case),
        "note": shown.note,
        "prompt": cut(shown.prompt, MOST_PROMPT) or "(empty)",
        "baseline_name": f"{shorten(baseline, 60)} (baseline)",
        "baseline": cut(shown.baseline, MOST_ANSWER) or "(no answer)",
        "candidate_name": shorten(shown.model, 80),
        "candidate": cut(shown.candidate, MOST_ANSWER) or "(no answer)",
    }


def cut(text: str, most: int) -> str:
    """The first ``most`` characters, fewer where there are many lines, and how many are left out."""
    text = text.strip("\n")
    lines = text.split("\n")
    kept = "\n".join(lines[:MOST_LINES])[:most]
    left = len(text) - len(kept)
    return f"{kept.rstrip()}… ({left:,} more characters)" if left > 0 else text
