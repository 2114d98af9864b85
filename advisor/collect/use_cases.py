"""Mending what the grouping got wrong: rename, change, merge, ignore, split, and taking any of it back."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from advisor.collect.grouping import example_of
from advisor.collect.topics import in_batches, is_sorted, prompt_of, trait_of
from advisor.errors import BadInput
from advisor.ingest.grouping.clustering import FITTED, Clusters, split_texts
from advisor.ingest.grouping.naming import name_of_texts
from advisor.ingest.grouping.portrait import Portrait, portray
from advisor.ingest.grouping.prompt import Prompt
from advisor.ingest.grouping.sorting import Source
from advisor.ingest.grouping.subjects import OTHER, Subjects
from advisor.store import Store
from advisor.store.log.edits import Edit, list_edits, recorded
from advisor.store.log.groups import (
    StoredGroup,
    base_key,
    list_groups,
    read_calls,
    read_some,
    read_these,
)
from advisor.store.log.use_cases import add_use_case, free_name, get_row, move_groups, put_parts, set_fields
from advisor.text.imports import use_case_change, use_case_split
from advisor.types import Kind, Study, UseCase

LONGEST_NAME = 200


def change(store: Store, use_case: UseCase, **changes: Any) -> None:
    """Set name, kind, endpoint, margin, whether it is ignored, match or checks; can be undone.

    Match and checks are taken as they are: see ``judge.checks``. Raises BadInput for a name that is empty, too long or
    in use.
    """
    values = {name: value for name, value in changes.items() if value != getattr(use_case, name)}
    if "name" in values:
        values["name"] = checked_name(values["name"])
    if values.get("match") is not None:
        values["match"] = asdict(values["match"])
    if "checks" in values:
        values["checks"] = [asdict(check) for check in values["checks"]] or None
    if not values:
        return
    with recorded(store, use_case_change(use_case.name, values), [use_case.id]) as session:
        set_fields(session, get_row(session, use_case.id), values)


def takes_labels(use_case: UseCase) -> bool:
    """Whether today's labels could serve as reference answers: it gives labels, and most calls have no right one."""
    calls = use_case.calls
    is_proven = calls.with_target * 2 >= calls.total
    return use_case.kind is Kind.CLASSIFICATION and not use_case.ignored and not is_proven and bool(calls.with_answer)


def merge(store: Store, use_case: UseCase, into: UseCase) -> None:
    """Move all calls of a use case into another, also those of logs to come; can be undone.

    Raises BadInput when one of them no longer exists.
    """
    if use_case.id == into.id:
        return
    with recorded(store, f"Merged {use_case.name} into {into.name}", [use_case.id]) as session:
        move_groups(session, get_row(session, use_case.id), get_row(session, into.id))


def last_edit(store: Store, study: Study) -> Edit | None:
    """The change that can be undone next."""
    return next(iter(list_edits(store, study.id, limit=1)), None)


def checked_name(name: str) -> str:
    """The name without spaces around it. Raises BadInput when it is empty or too long."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(f"A use case needs a name of 1 to {LONGEST_NAME} characters.")
    return name


MOST_PARTS = 8
EXAMPLES = 3
_LISTED = 50
_FEWEST_CALLS, _FEWEST_TOPICS = 50, 3
_MOST_UNKNOWN = 0.6
"""Of the calls; with more, subjects say little about them."""
_KNOWN = 20


@dataclass(frozen=True, kw_only=True)
class SplitPart:
    """What a use case could be split into."""

    name: str
    calls: int
    examples: tuple[str, ...]
    """The first messages of some calls."""
    group_ids: tuple[int, ...] = ()
    """Of a part that the log itself tells apart."""


def list_parts(store: Store, study: Study, use_case: UseCase) -> list[SplitPart]:
    """What the log itself tells apart within a use case (labels, system prompts, tools), the largest first."""
    groups = [g for g in list_groups(store, study.id, examples=_KNOWN, use_case_id=use_case.id) if g.calls]
    together: dict[str, list[StoredGroup]] = defaultdict(list)
    for group in groups:  # what a person split by words and took back is one for the log
        together[base_key(group.stored_key)].append(group)
    by_size = sorted(together.values(), key=lambda own: (-_calls(own), own[0].stored_key))[:_LISTED]
    parts = []
    taken: Counter[str] = Counter()
    for own in by_size:
        examples = [example_of(call) for call in read_these(store, [at for group in own for at in group.examples])]
        name = portray(own[0].key.label or trait_of(own[0]), [(example, 1.0) for example in examples]).name
        taken[name] += 1
        parts.append(
            SplitPart(
                name=name if taken[name] == 1 else f"{name} ({taken[name]})",
                calls=_calls(own),
                examples=tuple(example.first for example in examples[:EXAMPLES]),
                group_ids=tuple(group.id for group in own),
            )
        )
    return parts


def _calls(groups: Sequence[StoredGroup]) -> int:
    return sum(group.calls for group in groups)


def preview_split(store: Store, study: Study, use_case: UseCase, count: int) -> list[SplitPart]:
    """The parts that ``split_by_words`` would make, the largest first; counts of large use cases are estimates.

    Raises BadInput when the words of the calls do not tell them apart.
    """
    groups = list_groups(store, study.id, examples=0, use_case_id=use_case.id)
    fitted = _fit(store, groups, count)
    total = _calls(groups)
    looked_at = sum(len(own) for own in fitted.texts)
    return [
        SplitPart(
            name=name,
            calls=round(total * len(own) / looked_at),
            examples=tuple(text.strip() for text in own[:EXAMPLES]),
        )
        for name, own in zip(fitted.names, fitted.texts, strict=True)
        if own
    ]


def list_topics(store: Store, study: Study, use_case: UseCase) -> list[SplitPart]:
    """What the assorted questions of a use case are about, the largest first and those about nothing known last.

    None of a use case with a purpose of its own, or where most of its calls are about nothing known.
    """
    groups = [g for g in list_groups(store, study.id, examples=0, use_case_id=use_case.id) if g.calls]
    if _calls(groups) < _FEWEST_CALLS or not all(map(_is_assorted, groups)):
        return []
    fitted = _fit_subjects(store, groups)
    total, looked_at = _calls(groups), sum(map(len, fitted.texts))
    unknown = len(fitted.texts[0]) if fitted.names[0] == OTHER else 0
    if len(fitted.names) < _FEWEST_TOPICS or unknown > _MOST_UNKNOWN * looked_at:
        return []
    parts = [
        SplitPart(name=name, calls=round(total * len(own) / looked_at), examples=tuple(own[:EXAMPLES]))
        for name, own in zip(fitted.names, fitted.texts, strict=True)
    ]
    return sorted(parts, key=lambda part: (part.name == OTHER, -part.calls))


def _is_assorted(group: StoredGroup) -> bool:
    """Whether neither a system prompt nor the words of its calls hold it together."""
    return trait_of(group).source is Source.REST if is_sorted(group) else not group.key.template


def split_by_groups(store: Store, study: Study, use_case: UseCase, parts: Sequence[SplitPart], name: str) -> None:
    """Make a use case of its own of some of ``list_parts``; can be undone.

    Raises BadInput when nothing would be left, and for a name that is empty or too long.
    """
    name = checked_name(name)
    moving = {group_id for part in parts for group_id in part.group_ids}
    groups = list_groups(store, study.id, examples=_KNOWN, use_case_id=use_case.id)
    chosen = [group for group in groups if group.id in moving]
    if not chosen or len(chosen) == len([group for group in groups if group.calls]):
        raise BadInput("Choose some of the parts, but not all. At least one must stay.")
    weights = {at: group.calls / len(group.examples) for group in chosen for at in group.examples}
    portrait = _portrait(store, weights, name)
    made: list[int] = []
    with recorded(store, f"Split {portrait.name} off {use_case.name}", [use_case.id], made=made) as session:
        ids = [group.id for group in chosen]
        made.append(add_use_case(session, study.id, portrait.name, portrait.kind, ids, portrait.exchange))


def split_by_words(store: Store, study: Study, use_case: UseCase, count: int) -> list[str]:
    """Split a use case into ``count`` by the words of its calls; returns the names of the new ones.

    The largest part keeps the name. Logs to come are told apart the same way. Raises BadInput when the words do not
    tell the calls apart.
    """
    groups = list_groups(store, study.id, examples=0, use_case_id=use_case.id)
    return _split(store, study, use_case, groups, _fit(store, groups, count))


def split_by_topics(store: Store, study: Study, use_case: UseCase) -> list[str]:
    """Make a use case of each topic (see list_topics); returns their names. The rest is called Other questions."""
    groups = list_groups(store, study.id, examples=0, use_case_id=use_case.id)
    return _split(store, study, use_case, groups, _fit_subjects(store, groups))


def _split(
    store: Store, study: Study, use_case: UseCase, groups: Sequence[StoredGroup], fitted: "_Fitted"
) -> list[str]:
    parts = _place(store, groups, fitted.clusters)
    new = [at for at in range(1, len(fitted.names)) if parts[at]]
    portraits = [_portrait(store, dict.fromkeys(fitted.ids[at][:_KNOWN], 1.0), fitted.names[at]) for at in new]
    made: list[int] = []
    what = use_case_split(use_case.name, len(new) + 1)
    with recorded(store, what, [use_case.id], made=made) as session:
        if isinstance(fitted.clusters, Subjects) and use_case.name != fitted.names[0]:
            rest = free_name(session, study.id, fitted.names[0])
            set_fields(session, get_row(session, use_case.id), {"name": rest})
        moved = put_parts(session, study.id, use_case.id, groups, parts)
        for at, portrait in zip(new, portraits, strict=True):
            made.append(add_use_case(session, study.id, portrait.name, portrait.kind, moved[at], portrait.exchange))
    return [fitted.names[at] for at in new]


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    clusters: Clusters | Subjects
    names: list[str]
    ids: list[list[int]]
    """Of the calls looked at, by cluster."""
    texts: list[list[str]]
    """The first message of each."""


def _fit(store: Store, groups: Sequence[StoredGroup], count: int) -> _Fitted:
    """Always the same for the same calls, so that what was previewed is what is done."""
    if not 2 <= count <= MOST_PARTS:
        raise BadInput(f"Choose 2 to {MOST_PARTS} parts.")
    some = [(call.id, prompt_of(call)) for call in read_some(store, groups, FITTED)]
    clusters, placed = split_texts([prompt.words for _, prompt in some], count)
    if len(clusters) < 2:
        raise BadInput("These calls are too similar to split.")
    ids, texts = _by_part([(call_id, _asked(prompt)) for call_id, prompt in some], placed, len(clusters))
    names: list[str] = []
    for at, own in enumerate(texts):
        others = [text for other, more in enumerate(texts) if other != at for text in more]
        name = name_of_texts(own, others) or f"Part {at + 1}"
        names.append(name if name not in names else f"{name} ({at + 1})")
    return _Fitted(clusters=clusters, names=names, ids=ids, texts=texts)


def _fit_subjects(store: Store, groups: Sequence[StoredGroup]) -> _Fitted:
    some = [(call.id, _asked(prompt_of(call))) for call in read_some(store, groups, FITTED)]
    subjects = Subjects([text for _, text in some])
    ids, texts = _by_part(some, subjects.find([text for _, text in some]), len(subjects))
    return _Fitted(clusters=subjects, names=subjects.names, ids=ids, texts=texts)


def _by_part(
    some: Sequence[tuple[int, str]], placed: Sequence[int | None], parts: int
) -> tuple[list[list[int]], list[list[str]]]:
    ids: list[list[int]] = [[] for _ in range(parts)]
    texts: list[list[str]] = [[] for _ in range(parts)]
    for (call_id, text), at in zip(some, placed, strict=True):
        ids[at or 0].append(call_id)
        texts[at or 0].append(text)
    return ids, texts


def _asked(prompt: Prompt) -> str:
    return prompt.user or prompt.words


def _place(store: Store, groups: Sequence[StoredGroup], clusters: Clusters | Subjects) -> list[dict[int, list[int]]]:
    """The calls of each part, by the group that they are in now."""
    parts: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(len(clusters))]
    for batch in in_batches(read_calls(store, groups)):
        is_told = isinstance(clusters, Subjects)
        words = [_asked(call.prompt) if is_told else call.prompt.words for call in batch]
        found = clusters.find(words, always=True)
        for call, at in zip(batch, found, strict=True):
            parts[at or 0][call.group_id].append(call.id)
    return parts


def _portrait(store: Store, weights: Mapping[int, float], name: str) -> Portrait:
    """``weights``: the calls that some examples, given by their ids, stand for."""
    return portray(name, [(example_of(call), weights[call.id]) for call in read_these(store, list(weights))])
