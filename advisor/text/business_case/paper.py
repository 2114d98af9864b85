"""What the report says about itself, and where something has nothing to show."""

from advisor.text.names import NAMES_REMAIN
from advisor.text.numbers import count
from advisor.types import Report

BEST_SHOWN = "Charts have only the best candidates of each use case."
NO_FONT = (
    "Some characters have no font on the machine that made this report: a box shows their code. "
    "The Debian packages fonts-noto-core and fonts-noto-cjk have them."
)
NOT_SET = (
    "The PDF can't be set ({}). Take the web page (HTML) instead, and report this message with the version you run."
)
TERMS = (
    "pts: percentage points. CI: where the true difference lies, with 95% confidence; its low end "
    "also allows for the number of tests. n: samples, scored against reference answers; in comparisons, both answers "
    "are compared with each other. Guardrail: a limit besides quality, such as failed calls. A judge is a model that "
    "compares answers; its exam is pairs with a known winner; a tie counts half."
)
"""What the report's tables and charts are in, said once where they begin."""
CALENDAR_KEY = "Orange: other work. Gray: shadow test. Blue: share of the traffic that has moved."
GLOSSARY = (
    ("Bootstrap", "The pairs drawn again at random many times, to see how far a sum may be off."),
    ("Catalog", "The list of open models, their licenses and GPUs that comes with this program."),
    ("Cluster", "Samples from one conversation or text. They count together, since they resemble each other."),
    ("genai-prices", "A public list of model prices with the dates from which they apply."),
    ("Haircut", "A share taken off every saving as a precaution."),
    ("Holm's correction", "Makes each test stricter the more of them are made."),
    ("p95", "95% of calls are at least as fast."),
    ("p", "How likely a result this good is by luck, if the candidate were worse by the whole acceptable drop."),
    ("Replay, run", "Logged prompts sent to the candidates again. Each replay is a run with a number."),
    ("t-interval", "The usual confidence interval of an average, here of graded scores."),
    ("Tango's interval", "The confidence interval of a difference between two pass rates on the same samples."),
)
"""What a reader without statistics looks up."""


def rest_words(use_cases: int) -> str:
    """How many use cases are left to the full report; empty: none."""
    return f"{count(use_cases, 'more use case')}, in the full report." if use_cases else ""


def rest_of_steps(steps: int) -> str:
    """The same of next steps."""
    return f"{count(steps, 'more step')}, in the full report."


HASH = "SHA-256 of the figures (JSON)"
NEXT_STEPS, OTHER_STEPS = "Next steps", "Other steps"
MARKED = "highlighted: where the two answers differ"
RISKS_AHEAD = "Page one has the risks of the moves, and what we do about them."
EMPTY = {
    "risks": "Nothing moves, so nothing changes.",
    "excluded": "Nothing was excluded.",
    "candidates": "No candidate was tested yet.",
    "prices": "Price sources: none.",
}
NO_NET = "Once a use case moves, its savings are drawn here."
NO_SWINGS = "Once a use case moves, its assumptions are drawn here."


def privacy_words(report: Report, is_redacted: bool = False) -> str:
    """What a reader of the PDF gets to see of the log."""
    shown = f"The PDF shows {count(len(report.examples), 'prompt')} from the log with both answers"
    return f"{shown}. {personal_words(report, is_redacted)} Check them before you forward it."


def personal_words(report: Report, is_redacted: bool = False) -> str:
    """What became of personal data in prompts that are shown; names of people need a model to be found."""
    if not (is_redacted or report.log.get("redacted")):
        return "Personal data was not replaced."
    how = "is replaced by placeholders" if is_redacted else "was replaced at import"
    return f"Personal data {how}{'' if report.log.get('names_redacted') else f'; {NAMES_REMAIN}'}."
