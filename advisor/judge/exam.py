"""The judge's exam: which control pairs a judge has answered in a study, and which it still lacks.

It is taken once for a study, judge and version of the judge's prompt (METHOD 1.9).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from advisor.judge.subject import read_subject
from advisor.scoring.controls import is_found
from advisor.scoring.judge import PROMPT_VERSION, parse_judgement
from advisor.store import Store
from advisor.store.known_answers import load_controls, load_refused
from advisor.types import ControlKind, Preference

EACH = {kind: 16 if kind in (ControlKind.ENTITY, ControlKind.CLAIM) else 6 for kind in ControlKind}
"""Control pairs of each kind. More of those that only show whether a judge reads what the answers say."""
LEAST_SAMPLES = 16
"""Of a run; with fewer no candidate can pass the default margin, so no exam is taken."""


class Control(NamedTuple):
    """What makes a control pair of a study unique."""

    kind: ControlKind
    task: int
    """Number in the shipped set; 0: made from the answer to a sample."""
    sample_id: int
    """0 for a task of the shipped set."""


Controls = Mapping[Control, bool]
"""Control pairs that were answered in both orders -> whether both named the better answer."""


def answered_controls(store: Store, study_id: int, judge_id: int) -> Controls:
    """The control pairs that a judge has answered in both orders; an answer that can't be read names nobody."""
    said: dict[Control, dict[bool, Preference]] = defaultdict(dict)
    for key, text in load_controls(store, study_id, judge_id):
        subject = read_subject(key.subject)
        if subject.prompt == PROMPT_VERSION:
            judgement = parse_judgement(text, candidate_first=subject.candidate_first)
            said[_control(key.subject, key.sample_id)][subject.candidate_first] = judgement.preference
    return {control: is_found(list(sides.values())) for control, sides in said.items() if len(sides) == 2}


def refused_controls(store: Store, study_id: int, judge_id: int) -> set[Control]:
    """The control pairs that the judge's host refused, such as by a filter: others take their place."""
    return {_control(subject, sample_id) for sample_id, subject in load_refused(store, study_id, judge_id)}


def lacking(controls: Collection[Control], samples: int) -> dict[ControlKind, int]:
    """How many control pairs of each kind are still to be asked, in a run of so many samples with judged pairs."""
    if samples < LEAST_SAMPLES:
        return {}
    held = Counter(control.kind for control in controls)
    return {kind: each - held[kind] for kind, each in EACH.items() if held[kind] < each}


def results_of(controls: Controls) -> dict[str, tuple[int, int]]:
    """Kind -> (pairs in which the better answer was found in both orders, pairs answered)."""
    asked = Counter(control.kind for control in controls)
    found = Counter(control.kind for control, is_right in controls.items() if is_right)
    return {kind.value: (found[kind], asked[kind]) for kind in ControlKind if asked[kind]}


def _control(subject: str, sample_id: int) -> Control:
    read = read_subject(subject)
    return Control(ControlKind(read.kind), read.task, 0 if read.task else sample_id)
