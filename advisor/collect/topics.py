"""Moves calls that have no label and no large template into groups of their own, by their words."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from advisor.ingest.grouping.clustering import nearest_of
from advisor.ingest.grouping.prompt import Prompt, read_prompt
from advisor.ingest.grouping.sorting import LOOKED_AT, KnownTrait, Sorter, Source, Trait
from advisor.store import Store
from advisor.store.engine import Change
from advisor.store.log.groups import (
    SORTED,
    SPLIT,
    StoredCall,
    StoredGroup,
    base_key,
    list_groups,
    list_new_groups,
    make_group,
    move_all_samples,
    read_calls,
    read_some,
)
from advisor.store.log.traffic import move_calls
from advisor.types import GroupKey, Kind, Request

_NEAR = 100
"""Calls of a group that tell whether another one is like them."""
_BATCH = 2000


def is_sorted(group: StoredGroup) -> bool:
    """Whether it was found by looking at many calls."""
    return group.stored_key.startswith(SORTED)


def trait_of(group: StoredGroup) -> Trait:
    """What the calls of such a group have in common; of another one, its template."""
    if not is_sorted(group):
        return Trait(Source.TEMPLATE, group.key.shape, group.key.template)
    source = base_key(group.stored_key).removeprefix(SORTED).split("\n")[0]
    return Trait(Source(source), group.key.shape, group.key.template)


def prompt_of(call: StoredCall) -> Prompt:
    """A stored call as grouping sees it."""
    return read_prompt(Request(messages=call.messages, params=call.params), call.answer)


class Sorted(NamedTuple):
    """A call to be sorted."""

    id: int
    group_id: int
    prompt: Prompt


def in_batches(calls: Iterator[StoredCall]) -> Iterator[list[Sorted]]:
    """As many calls at a time as are sorted together; each is reduced to its prompt at once."""
    prompts = (Sorted(call.id, call.group_id, prompt_of(call)) for call in calls)
    while batch := list(islice(prompts, _BATCH)):
        yield batch


def sort_calls(
    store: Store,
    study_id: int,
    groups: Sequence[StoredGroup],
    known: Sequence[KnownTrait],
    smallest: float,
    *,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Move every call of ``groups`` into the group of its trait, made where it is new.

    A trait has ``smallest`` calls or more. ``check`` is called often and may end it by raising.
    """
    if not groups:
        return
    some = [prompt_of(call) for call in read_some(store, groups, LOOKED_AT, unfinished=True)]
    calls = sum(group.calls for group in groups)
    sorter = Sorter(some, max(2.0, smallest * len(some) / calls), known)
    ids: dict[Trait, int] = {}

    def group_of(trait: Trait) -> int:
        if trait not in ids:
            mark = hashlib.blake2b(trait.text.encode(), digest_size=12).hexdigest()
            key = f"{SORTED}{trait.source}\n{trait.shape}\n{mark}"
            ids[trait] = make_group(store, study_id, key, GroupKey(None, trait.text, trait.shape))
        return ids[trait]

    if sorter.finds_any:
        for batch in in_batches(read_calls(store, groups, unfinished=True)):
            check()
            moving: dict[int, list[int]] = defaultdict(list)
            for call, trait in zip(batch, sorter.sort([call.prompt for call in batch]), strict=True):
                if trait.source is not Source.REST:
                    moving[group_of(trait)].append(call.id)
            with store.write(study_id, Change.SETUP) as session:
                move_calls(session, moving)
    for shape in {group.key.shape: None for group in groups}:
        rest = [group.id for group in groups if group.key.shape is shape]
        move_all_samples(store, rest, group_of(Trait(Source.REST, shape, "")), check=check)


def known_traits(store: Store, groups: Sequence[StoredGroup], templates: Iterable[str]) -> list[KnownTrait]:
    """The traits of sorted groups, and of use cases that are being made: these have ``templates``."""
    by_key: dict[str, list[StoredGroup]] = defaultdict(list)
    for group in groups:
        by_key[base_key(group.stored_key)].append(group)
    found = [KnownTrait(Trait(Source.TEMPLATE, Kind.CHAT, text), ()) for text in templates]
    for own in by_key.values():
        trait = trait_of(own[0])
        near = read_some(store, own, _NEAR, unfinished=True) if trait.source is Source.CLUSTER else []
        found.append(KnownTrait(trait, tuple(prompt_of(call).words for call in near)))
    return found


def follow_splits(store: Store, study_id: int, *, check: Callable[[], None] = lambda: None) -> None:
    """Move new calls of groups that a person split into that part whose calls are most like them.

    Calls of a log that was imported while the group was split may be among them, so all go at once. ``check`` as in
    ``sort_calls``.
    """
    used = list_groups(store, study_id, examples=0, unfinished=True)
    split = [group for group in used if SPLIT in group.stored_key]
    bases = {base_key(group.stored_key) for group in split}
    if not bases:
        return
    for group in [*used, *list_new_groups(store, study_id, examples=0)]:
        if group.stored_key not in bases or not group.calls:
            continue
        parts = [part for part in split if base_key(part.stored_key) == group.stored_key and part.calls]
        some = [read_some(store, [part], _NEAR, unfinished=True) for part in parts]
        near = nearest_of([[prompt_of(call).words for call in own] for own in some])
        moving: dict[int, list[int]] = defaultdict(list)
        for batch in in_batches(read_calls(store, [group], unfinished=True)):
            check()
            for call, at in zip(batch, near.find([call.prompt.words for call in batch], always=True), strict=True):
                moving[parts[at or 0].id].append(call.id)
        with store.write(study_id, Change.SETUP) as session:
            move_calls(session, moving)
