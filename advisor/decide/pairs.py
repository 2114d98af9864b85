"""All pairs of one candidate in one use case: which were worse, better, or even, and which of them to show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from advisor.bulk import without_cycle_search
from advisor.decide.failures import Uneven
from advisor.decide.losses import list_uneven
from advisor.decide.subject import Subject, find_subject, keep_share
from advisor.store import Store
from advisor.store.run.samples import map_requests
from advisor.store.run.scores import list_scored
from advisor.types import Endpoint, Run, Study


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The pairs of one candidate in one use case that count, by how they went."""

    worse: tuple[Uneven, ...]
    """The worst first."""
    better: tuple[Uneven, ...]
    """The best first."""
    even: tuple[int, ...]
    """Ids of samples on which both are equally good."""
    requests: Mapping[int, str]
    """By sample the digest of its request: equal for repeats."""


class Row(NamedTuple):
    """Pairs with the same request, as one."""

    sample_id: int
    """Of the first of them."""
    uneven: Uneven | None
    """None: both answers are equally good."""
    times: int
    """How many there are."""


@without_cycle_search()
def compare_pairs(
    store: Store, study: Study, run: Run, use_case: str, model: str, *, by_people: bool = False
) -> Pairs | None:
    """Every pair that counts; None where the run has no such use case or candidate any more.

    ``by_people``: those that people compared, where they alone decide.
    Raises BadInput when the run's baseline was deleted.
    """
    subject = find_subject(store, study, run, use_case, model)
    if subject is None:
        return None
    worse, better = (list_uneven(store, study, subject, gains=gains) for gains in (False, True))
    uneven = {each.sample_id for each in (*worse, *better)}
    even = tuple(sample_id for sample_id in _scored(store, subject) if sample_id not in uneven)
    if by_people:
        worse, better = (tuple(each for each in of if each.sample_id in subject.reviewed) for of in (worse, better))
        even = tuple(sample_id for sample_id in even if sample_id in subject.reviewed)
    return Pairs(worse=worse, better=better, even=even, requests=map_requests(store, run.id))


def rows_of(pairs: Iterable[Uneven], requests: Mapping[int, str]) -> list[Row]:
    """Pairs in their order, those with the same request as one."""
    return _collapsed(((each.sample_id, each) for each in pairs), requests)


def even_rows(pairs: Pairs) -> list[Row]:
    """The same for those in which neither answer is better."""
    return _collapsed(((sample_id, None) for sample_id in pairs.even), pairs.requests)


def narrowed(pairs: Iterable[Uneven], *, cluster: str, least: float) -> list[Uneven]:
    """The pairs of one cluster in which one answer is better by at least ``least``.

    ``cluster``: a kind of failure, or what exactly was wrong; empty: all.
    """
    return [each for each in pairs if each.by >= least and (not cluster or cluster in (each.kind, *each.details))]


def _collapsed(pairs: Iterable[tuple[int, Uneven | None]], requests: Mapping[int, str]) -> list[Row]:
    found: dict[str, Row] = {}
    for sample_id, uneven in pairs:
        digest = requests.get(sample_id, str(sample_id))
        first = found.get(digest, Row(sample_id, uneven, 0))
        found[digest] = first._replace(times=first.times + 1)
    return list(found.values())


def _scored(store: Store, subject: Subject) -> list[int]:
    """Samples on which both sides are scored, or compared by people."""
    run, case, candidate, baseline_id, endpoint, _, reviewed = subject
    if endpoint is Endpoint.PAIRWISE:
        ids = list_scored(store, run.id, endpoint.value, (candidate.id,), case.id) | reviewed
    else:
        ids = list_scored(store, run.id, endpoint.value, (candidate.id, baseline_id), case.id)
    return list(keep_share(store, subject, sorted(ids)))
