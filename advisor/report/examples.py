"""Pairs of answers side by side, as far as paper has room."""

from advisor.text.names import short_name
from advisor.text.numbers import shorten
from advisor.text.results import EXAMPLE_NOTES
from advisor.types import Json
from advisor.types.dossier import Marked, Noticed

MOST_PROMPT = 500
MOST_ANSWER = 900
MOST_LINES = 16
"""Of one text on paper."""
LEAD_IN = 60
"""Characters before the first difference."""
SHARES = (1.0, 0.7, 0.45, 0.3, 0.2)
"""Of that: as much as fits on one page."""


def noticed(shown: Noticed, baseline: str, share: float) -> Json:
    """One pair with what differs marked, and the reference answer where there is one; ``share``: of the room."""
    prompt, answer, lines = (int(most * share) for most in (MOST_PROMPT, MOST_ANSWER, MOST_LINES))
    example = shown.example
    return {
        "use_case": shorten(example.use_case),
        "note": EXAMPLE_NOTES[example.outcome],
        "prompt": cut(example.prompt, prompt, lines) or "(empty)",
        "reference": cut(example.reference, answer, lines),
        "baseline_name": f"{shorten(short_name(baseline), 60)} (baseline)",
        "baseline": _marked(shown.baseline, example.baseline, answer, lines),
        "candidate_name": shorten(example.model, 80),
        "candidate": _marked(shown.candidate, example.candidate, answer, lines),
    }


def _marked(parts: Marked, whole: str, characters: int, lines: int) -> list[Json]:
    """Parts with whether they differ, up to what fits; a long beginning that is the same gives way."""
    same = parts[0][0] if len(parts) > 1 and not parts[0][1] else ""
    if len(same) > characters // 2:
        parts = ((f"… {same[-LEAD_IN:]}", False), *parts[1:])
    found: list[Json] = []
    for text, differs in parts:
        shown = "\n".join(text.split("\n")[:lines])[:characters]
        found.append({"text": shown, "differs": differs})
        lines -= shown.count("\n")
        characters -= len(shown)
        if shown != text or lines <= 1 or not characters:
            break
    left = len(whole) - sum(len(str(part["text"])) for part in found if isinstance(part, dict))
    if left > 0:
        found.append({"text": f"… ({left:,} more characters)", "differs": False})
    return found or [{"text": "(no answer)", "differs": False}]


def cut(text: str, characters: int, most: int = MOST_LINES) -> str:
    """The beginning that has room, and how many characters are left out."""
    text = text.strip("\n")
    lines = text.split("\n")
    kept = "\n".join(lines[:most])[:characters]
    left = len(text) - len(kept)
    return f"{kept.rstrip()}… ({left:,} more characters)" if left > 0 else text
