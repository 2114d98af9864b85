"""What a judge's call is about, as it stands in the key of the call.

``7:candidate`` is a pair: candidate 7 beside the baseline, the candidate's answer first (``7:baseline``: second). What
is asked besides the pairs begins with a plus, since it counts neither as planned nor as missing: planted pairs
(``+truncated:candidate``), the baseline beside its own second answer (``+repeat:candidate``) and single answers that
are read for claims and refusals (``+audit:7``, the recorded one ``+audit:0``). ``:r3`` names the version of the rubric;
without it the rubric is the suggestion for the kind of use case.
"""

from typing import NamedTuple

from advisor.store.generations import BESIDES

PAIR, REPEAT, AUDIT = "", "repeat", "audit"


class Subject(NamedTuple):
    """What one judge's call compares or reads."""

    about: str
    """PAIR, REPEAT, AUDIT, or the kind of planted pair."""
    model_id: int = 0
    """The candidate of a pair, or whose answer is read; 0: the recorded one."""
    candidate_first: bool = True
    """In a planted pair the spoilt answer takes the candidate's place, in a repeat the second answer."""
    rubric: int = 0
    """Version."""

    def __str__(self) -> str:
        """As it stands in the key."""
        if self.about == AUDIT:
            return f"{BESIDES}{AUDIT}:{self.model_id}"
        who = f"{BESIDES}{self.about}" if self.about else str(self.model_id)
        version = f":r{self.rubric}" if self.rubric else ""
        return f"{who}:{'candidate' if self.candidate_first else 'baseline'}{version}"


def both_orders(subject: Subject) -> tuple[Subject, Subject]:
    """The subject with the candidate first, and second."""
    return subject._replace(candidate_first=True), subject._replace(candidate_first=False)


def read_subject(text: str) -> Subject:
    """The subject that ``str`` wrote."""
    who, first, *version = text.split(":")
    rubric = int(version[0].removeprefix("r")) if version else 0
    if who == BESIDES + AUDIT:
        return Subject(AUDIT, int(first))
    if who.startswith(BESIDES):
        return Subject(who.removeprefix(BESIDES), 0, first == "candidate", rubric)
    return Subject(PAIR, int(who), first == "candidate", rubric)
