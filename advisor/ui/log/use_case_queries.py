"""What the page Use cases remembers: shares of the cost, examples, possible splits, and how answers are judged."""

from advisor.collect import use_cases, volume
from advisor.collect.use_cases import SplitPart
from advisor.judge import checks
from advisor.judge.checks import LoggedCall, Preview
from advisor.measure.rejudging import Due, what_is_due
from advisor.store.engine import Change
from advisor.types import Check, Match, Run, Study, UseCase
from advisor.ui.cache import cached
from advisor.ui.server import store


@cached(Change.SETUP, most=16)
def cost_shares(study: Study) -> dict[str, float]:
    """Use case -> its fraction of the cost that is known."""
    return volume.cost_shares(store(), study)


@cached(Change.SETUP)
def examples(study: Study, use_case: UseCase, count: int) -> list[LoggedCall]:
    """Some calls of a use case."""
    return checks.example_calls(store(), study, use_case, count)


@cached(Change.SETUP)
def parts(study: Study, use_case: UseCase) -> list[SplitPart]:
    """What the log itself tells apart within a use case, the largest first."""
    return use_cases.list_parts(store(), study, use_case)


@cached(Change.SETUP, spinner="Looking for parts ...")
def preview(study: Study, use_case: UseCase, count: int) -> list[SplitPart]:
    """What a split by words would make, the largest first. Raises BadInput when the words tell nothing apart."""
    return use_cases.preview_split(store(), study, use_case, count)


@cached(Change.SETUP, spinner="Looking for topics ...")
def topics(study: Study, use_case: UseCase) -> list[SplitPart]:
    """What the assorted questions of a use case are about; none of one with a purpose of its own."""
    return use_cases.list_topics(store(), study, use_case)


@cached(Change.SETUP)
def suggested_checks(study: Study, use_case: UseCase) -> tuple[Check, ...]:
    """Checks that today's answers pass and that the use case doesn't have."""
    return checks.suggested_checks(store(), study, use_case)


@cached(Change.SETUP)
def suggested_match(study: Study, use_case: UseCase) -> Match | None:
    """How the reference answers ask to be compared."""
    return checks.suggested_match(store(), study, use_case)


@cached(Change.ANSWERS, spinner="Trying it on real answers ...")
def judged(study: Study, use_case: UseCase, tried: tuple[Check, ...], match: Match | None) -> Preview:
    """How real answers would be judged with these checks and this way of matching, the wrong ones first."""
    return checks.preview(store(), study, use_case, tried, match)


@cached(most=16)
def judging_due(study: Study, run: Run) -> Due:
    """What scoring a run again would ask its judges."""
    return what_is_due(store(), study, run)
