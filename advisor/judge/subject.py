"""What a judge's call is about, as it stands in the key of the call.

``7:candidate`` is a pair: candidate 7 next to the baseline, the candidate's answer first (``7:baseline``: second).
Whatever else is asked begins with a plus, since it counts neither as planned nor as missing: control pairs
(``+control:truncated:candidate``, with ``:s3`` made from task 3 of the shipped set, with ``:p2`` for version 2 of the
judge's prompt), the baseline next to its own second answer (``+repeat:candidate``) and single answers that are read
for claims and refusals (``+audit:7``, the recorded one ``+audit:0``). ``:r3`` names the version of the rubric; without
it the rubric is the suggestion for the kind of use case.
"""

from typing import NamedTuple

from advisor.store.run.generations import BESIDES
from advisor.store.run.known_answers import CONTROL

PAIR, REPEAT, AUDIT = "", "repeat", "audit"


class Subject(NamedTuple):
    """What one judge's call compares or reads."""

    about: str
    """PAIR, REPEAT, AUDIT or CONTROL; anything else was written by an older version."""
    model_id: int = 0
    """The candidate of a pair, or whose answer is read; 0: the recorded one."""
    candidate_first: bool = True
    """In a control pair the spoiled answer is in the candidate's place, in a repeat the second answer."""
    rubric: int = 0
    """Version."""
    kind: str = ""
    """Of a control pair."""
    task: int = 0
    """Number in the shipped set, from 1; 0: the control pair is made from the answer to the sample."""
    prompt: str = ""
    """Version of the judge's prompt, of a control pair."""

    def __str__(self) -> str:
        """As it stands in the key."""
        if self.about == AUDIT:
            return f"{BESIDES}{AUDIT}:{self.model_id}"
        who = f"{BESIDES}{self.about}" if self.about else str(self.model_id)
        parts = [who, self.kind, "candidate" if self.candidate_first else "baseline"]
        marks = (("r", self.rubric), ("s", self.task), ("p", self.prompt))
        return ":".join([*filter(None, parts), *(f"{mark}{value}" for mark, value in marks if value)])


def both_orders(subject: Subject) -> tuple[Subject, Subject]:
    """The subject with the candidate first, and second."""
    return subject._replace(candidate_first=True), subject._replace(candidate_first=False)


def read_subject(text: str) -> Subject:
    """The subject that ``str`` wrote."""
    who, *parts = text.split(":")
    about = who.removeprefix(BESIDES) if who.startswith(BESIDES) else PAIR
    if about == AUDIT:
        return Subject(AUDIT, int(parts[0]))
    kind = parts.pop(0) if about == CONTROL else ""
    first, *marks = parts
    marked = {mark[0]: mark[1:] for mark in marks}
    return Subject(
        about,
        0 if about else int(who),
        first == "candidate",
        rubric=int(marked.get("r", 0)),
        kind=kind,
        task=int(marked.get("s", 0)),
        prompt=marked.get("p", ""),
    )
