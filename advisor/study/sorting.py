"""Moves calls that have no label and no large template into groups of their own, by their words."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from advisor.ingest.grouping.clustering import nearest_of
from advisor.ingest.grouping.prompt import Prompt, read_prompt
from advisor.ingest.grouping.sorting import LOOKED_AT, KnownPart, Part, Sorter, Source
from advisor.ingest.grouping.templates import Template
from advisor.store import Store
from advisor.store.groups import (
    PART,
    SPLIT,
    StoredCall,
    StoredGroup,
    base_key,
    list_groups,
    list_new_groups,
    make_group,
    move_all_samples,
    move_samples,
    read_calls,
    read_some,
)
from advisor.types import GroupKey, Kind, Request

_NEAR = 100
"""Calls of a group that tell whether another one is like them."""


def is_part(group: StoredGroup) -> bool:
    """Whether it was found by looking at many calls."""
    return group.stored_key.startswith(PART)


def part_of(group: StoredGroup) -> Part:
    """What the calls of such a group have in common; of another one, its template."""
    if not is_part(group):
        return Part(Source.TEMPLATE, group.key.shape, group.key.template)
    source = base_key(group.stored_key).removeprefix(PART).split("\n")[0]
    return Part(Source(source), group.key.shape, group.key.template)


def text_of_template(template: Template) -> str:
    """A template as the text of a part."""
    return "\n".join(sorted(template.parts))


def prompt_of(call: StoredCall) -> Prompt:
    """A stored call as grouping sees it."""
    return read_prompt(Request(messages=call.messages, params=call.params), call.answer)


def sort_calls(
    store: Store,
    study_id: int,
    groups: Sequence[StoredGroup],
    known: Sequence[StoredGroup],
    smallest: float,
    *,
    templates: Sequence[str],
) -> None:
    """Move every call of ``groups`` into the group of its part, made where it is new.

    ``known`` are the parts there are, ``templates`` those of use cases that are being made; a part has ``smallest``
    calls or more.
    """
    if not groups:
        return
    calls = sum(group.calls for group in groups)
    some = [prompt_of(call) for call in read_some(store, groups, LOOKED_AT)]
    least = max(2.0, smallest * len(some) / calls)
    parts = [KnownPart(Part(Source.TEMPLATE, Kind.CHAT, text), ()) for text in templates]
    sorter = Sorter(some, least, [*_known_parts(store, known), *parts])
    place = _Places(store, study_id)
    if sorter.has_parts:
        for batch in read_calls(store, groups):
            moving: dict[Part, list[int]] = defaultdict(list)
            for call, part in zip(batch, sorter.sort([prompt_of(call) for call in batch]), strict=True):
                if part.source is not Source.REST:
                    moving[part].append(call.id)
            for part, ids in moving.items():
                move_samples(store, ids, place.of(part))
    rests: dict[Kind, list[int]] = defaultdict(list)
    for group in groups:
        rests[group.key.shape].append(group.id)
    for shape, ids in rests.items():
        move_all_samples(store, ids, place.of(Part(Source.REST, shape, "")))


class _Places:
    """The groups of parts."""

    def __init__(self, store: Store, study_id: int) -> None:
        self._store, self._study_id = store, study_id
        self._ids: dict[Part, int] = {}

    def of(self, part: Part) -> int:
        if part not in self._ids:
            mark = hashlib.blake2b(part.text.encode(), digest_size=12).hexdigest()
            key = f"{PART}{part.source}\n{part.shape}\n{mark}"
            self._ids[part] = make_group(self._store, self._study_id, key, GroupKey(None, part.text, part.shape))
        return self._ids[part]


def _known_parts(store: Store, groups: Sequence[StoredGroup]) -> list[KnownPart]:
    by_key: dict[str, list[StoredGroup]] = defaultdict(list)
    for group in groups:
        by_key[base_key(group.stored_key)].append(group)
    found = []
    for own in by_key.values():
        part = part_of(own[0])
        near = read_some(store, own, _NEAR) if part.source is Source.CLUSTER else []
        found.append(KnownPart(part, tuple(prompt_of(call).words for call in near)))
    return found


def follow_splits(store: Store, study_id: int, bases: set[str]) -> None:
    """Move new calls of groups that a person split into that part whose calls are most like them."""
    if not bases:
        return
    used = list_groups(store, study_id, examples=0)
    split = [group for group in used if SPLIT in group.stored_key]
    for group in [*used, *list_new_groups(store, study_id, examples=0)]:
        if group.stored_key not in bases or not group.calls:
            continue
        parts = [part for part in split if base_key(part.stored_key) == group.stored_key and part.calls]
        near = nearest_of([[prompt_of(call).words for call in read_some(store, [part], _NEAR)] for part in parts])
        for batch in read_calls(store, [group]):
            moving: dict[int, list[int]] = defaultdict(list)
            for call, at in zip(batch, near.find([prompt_of(c).words for c in batch], always=True), strict=True):
                moving[parts[at or 0].id].append(call.id)
            for group_id, ids in moving.items():
                move_samples(store, ids, group_id)
