"""The judge's exam: which control pairs a judge or panel has answered in a study, and which it still lacks.

It is taken once for a study, the same judges and the same version of the judge's prompt (METHOD 1.9).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from advisor.replay.subject import read_subject
from advisor.scoring.controls import is_found, mean_sides
from advisor.scoring.judge import PROMPT_VERSION, parse_judgement
from advisor.store import Store
from advisor.store.controls import load_controls
from advisor.types import ControlKind, Judgement

EACH = 6
"""Control pairs of each of the five kinds: 30 in all."""
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


def answered_controls(store: Store, study_id: int, judge_ids: Sequence[int]) -> Controls:
    """The control pairs that all of these judges have answered in both orders, by their mean vote."""
    said: dict[Control, dict[int, dict[bool, Judgement]]] = defaultdict(lambda: defaultdict(dict))
    for key, text in load_controls(store, study_id, judge_ids):
        subject = read_subject(key.subject)
        if subject.prompt == PROMPT_VERSION:
            control = Control(ControlKind(subject.kind), subject.task, 0 if subject.task else key.sample_id)
            judgement = parse_judgement(text, candidate_first=subject.candidate_first)
            said[control][key.model_id][subject.candidate_first] = judgement
    found = {}
    for control, by_judge in said.items():
        if len(by_judge) == len(set(judge_ids)):
            sides = mean_sides([list(orders.values()) for orders in by_judge.values()])
            if len(sides) == 2:
                found[control] = is_found(sides)
    return found


def lacking(controls: Controls, samples: int) -> dict[ControlKind, int]:
    """How many control pairs of each kind are still to be asked, in a run of so many samples with judged pairs."""
    if samples < LEAST_SAMPLES:
        return {}
    held = Counter(control.kind for control in controls)
    return {kind: EACH - held[kind] for kind in ControlKind if held[kind] < EACH}


def results_of(controls: Controls) -> dict[str, tuple[int, int]]:
    """Kind -> (pairs in which the better answer was found in both orders, pairs answered)."""
    asked = Counter(control.kind for control in controls)
    found = Counter(control.kind for control, is_right in controls.items() if is_right)
    return {kind.value: (found[kind], asked[kind]) for kind in ControlKind if asked[kind]}
