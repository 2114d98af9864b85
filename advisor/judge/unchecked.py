"""What to tell of answers that could not be checked: a limit that they fall under rests on the others alone."""

from collections.abc import Iterator, Mapping

from advisor.scoring.own_checks import CHECKS
from advisor.scoring.validity import VALIDITY
from advisor.store import Store
from advisor.store.scores import Unchecked, list_unchecked, read_findings
from advisor.types import Endpoint, Json, LeftOut, Message, WarningCode

PERSONAL_DATA = "personal_data"

_SCORERS = (VALIDITY, CHECKS, Endpoint.TARGET.value, Endpoint.AGREEMENT.value, PERSONAL_DATA)


def find_unchecked(store: Store, run_id: int) -> list[Unchecked]:
    """What the scorers could not check among the scored answers of a run, the most first."""
    return list_unchecked(store, run_id, _SCORERS)


def unchecked_warnings(scored_with: Mapping[str, Json]) -> list[Message]:
    """One for each check of a use case that could not say all."""
    return [Message.of(WarningCode.UNCHECKED, answers=n, **of) for n, of in _stored(scored_with)]


def unchecked_reasons(scored_with: Mapping[str, Json]) -> list[Message]:
    """Why answers do not count in one of the checks."""
    return [Message.of(LeftOut.UNCHECKED, calls=n, **of) for n, of in _stored(scored_with)]


def _stored(scored_with: Mapping[str, Json]) -> Iterator[tuple[int, dict[str, Json]]]:
    for use_case, scorer, answers, stored in scored_with.get("unchecked") or ():
        findings = [[code.value, list(details), more] for code, details, more in read_findings(stored)]
        yield answers, {"use_case": use_case, "scorer": scorer, "findings": findings}
