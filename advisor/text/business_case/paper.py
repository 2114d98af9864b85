"""What the report says about itself, and where something has nothing to show."""

from advisor.text.numbers import count

BEST_SHOWN = "The best candidates of each use case."
NO_FONT = (
    "Some characters have no font on the machine that made this report: a box shows their code. "
    "The Debian packages fonts-noto-core and fonts-noto-cjk have them."
)
NOT_SET = (
    "The PDF can't be set ({}). Take the web page (HTML) instead, and report this message with the version you run."
)
TERMS = (
    "pts: percentage points. CI: where the true difference lies, with 95% confidence; its low end "
    "also allows for the number of tests. n: samples compared. Guardrail: "
    "a limit besides quality, such as failed calls. A judge is a model that compares answers; its exam is pairs with a "
    "known winner. p95: 95% of calls are at least as fast. Warm fallback: "
    "today's model goes on answering some calls, so that it can take over again at once."
)
"""What the report's tables and charts are in, said once where they begin."""
CALENDAR_KEY = "Orange: work besides the moves. Gray: shadow test. Blue: share of the traffic that has moved."
GLOSSARY = (
    ("Bootstrap", "The pairs drawn again at random many times, to see how far a sum may be off."),
    ("Catalog", "The list of open models, their licenses and GPUs that comes with this program."),
    ("Cluster", "Samples from one conversation or text. They count together, since they resemble each other."),
    ("genai-prices", "A public list of model prices with the dates from which they apply."),
    ("Haircut", "A share taken off every saving as a precaution."),
    ("Holm's correction", "Makes each test stricter the more of them are made."),
    ("p", "How likely a result this good is by luck, if the candidate were worse by the whole acceptable drop."),
    ("Replay, run", "Logged prompts sent to the candidates again. Each replay is a run with a number."),
    ("t-interval", "The usual confidence interval of an average, here of graded scores."),
    ("Tango's interval", "The confidence interval of a difference between two pass rates on the same samples."),
)
"""What a reader without statistics looks up."""


def rest_words(use_cases: int) -> str:
    """How many use cases are left to the full report; empty: none."""
    return f"{count(use_cases, 'more use case')}, in the full report." if use_cases else ""


EMPTY = {
    "risks": "Nothing moves, so nothing changes.",
    "excluded": "Nothing was excluded.",
    "candidates": "No candidate was tested yet.",
    "prices": "Price sources: none.",
}
NO_NET = "Once a use case moves, its savings are drawn here."
NO_SWINGS = "Once a use case moves, its assumptions are drawn here."
