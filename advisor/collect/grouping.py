"""From the groups that a log brought to use cases."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from advisor.collect.topics import (
    follow_splits,
    is_sorted,
    known_traits,
    prompt_of,
    sort_calls,
    trait_of,
)
from advisor.ingest.grouping.portrait import Example, make_example, portray
from advisor.ingest.grouping.prompt import Prompt, first_message, shape_of, system_text, user_text
from advisor.ingest.grouping.sorting import Source, Trait
from advisor.ingest.grouping.templates import Template, constant_template, template_of_text, text_of_template
from advisor.ingest.grouping.use_cases import (
    SMALLEST_GROUP,
    Group,
    Known,
    Plan,
    plan_use_cases,
    same_label,
    smallest_of,
)
from advisor.store import Store
from advisor.store.log.groups import (
    SPLIT,
    StoredCall,
    StoredGroup,
    assign_groups,
    base_key,
    drop_empty_groups,
    list_groups,
    list_new_groups,
    read_these,
)
from advisor.store.log.use_cases import make_use_case
from advisor.types import Kind, Request

EXAMPLES = 60
_MOST_EXAMPLES = 2 * EXAMPLES
"""Of one use case."""
_KNOWN_EXAMPLES = 20
_CLEAR = 0.8
_OTHERS = 300

Prompts = Mapping[int, Prompt]
"""By the id of the call."""


@dataclass(kw_only=True)
class Draft:
    """Groups that will be a use case."""

    trait: Trait | str
    """What they have in common, or the label of the log."""
    groups: list[StoredGroup]

    @property
    def calls(self) -> int:
        return sum(group.calls for group in self.groups)


def group_study(store: Store, study_id: int, *, check: Callable[[], None] = lambda: None) -> None:
    """Put every group that has no use case yet into one.

    What belongs to a use case that is there (its label, template, opening, or calls like its own) goes there, under
    whatever name it has now. ``check`` is called often and may end it by raising.
    """
    new = [group for group in list_new_groups(store, study_id, examples=EXAMPLES) if group.calls]
    if not new:
        follow_splits(store, study_id, check=check)
        return
    old = list_groups(store, study_id, examples=_KNOWN_EXAMPLES, unfinished=True)
    split = {base_key(group.stored_key) for group in old if SPLIT in group.stored_key}
    waiting = [group for group in new if not is_sorted(group) and group.stored_key not in split]
    plan = _plan(store, waiting, old, split, check)
    joining: dict[int, list[int]] = defaultdict(list)
    for at, use_case_id in plan.joins.items():
        joining[use_case_id].append(waiting[at].id)
    largest = {group.use_case_id: group.id for group in sorted(old, key=lambda group: (group.calls, -group.id))}
    for use_case_id, group_ids in joining.items():
        assign_groups(store, group_ids, largest[use_case_id])
    drafts = [Draft(trait=_label(waiting, own), groups=[waiting[at] for at in own]) for own in plan.by_label]
    drafts += [Draft(trait=_TEMPLATE, groups=[waiting[at] for at in own]) for own in plan.by_template]
    by_list = {id(own): draft for own, draft in zip([*plan.by_label, *plan.by_template], drafts, strict=True)}
    homes = {text_of_template(found): by_list[id(own)] for found, own in plan.templates}
    smallest = smallest_of(sum(group.calls for group in new))
    known = [group for group in [*old, *new] if is_sorted(group)]
    left = [waiting[at] for at in plan.left]
    traits = known_traits(store, known, homes) if left else []
    sort_calls(store, study_id, left, traits, smallest, check=check)
    follow_splits(store, study_id, check=check)
    drop_empty_groups(store, study_id)
    placed = {group.id for draft in drafts for group in draft.groups}
    found = [group for group in list_new_groups(store, study_id, examples=EXAMPLES) if group.id not in placed]
    drafts += _drafts_of_traits(found, homes, smallest)
    check()
    _make(store, study_id, drafts, rest_name=plan.rest_name, is_first=not old)


def _plan(
    store: Store,
    waiting: Sequence[StoredGroup],
    old: Sequence[StoredGroup],
    split: set[str],
    check: Callable[[], None],
) -> Plan:
    ids = [at for group in [*waiting, *old] for at in group.examples]
    prompts = {call.id: prompt_of(call) for call in read_these(store, ids)}
    check()
    groups = [Group(key=group.key, calls=group.calls, prompts=tuple(_own(group, prompts))) for group in waiting]
    return plan_use_cases(groups, _known(old, prompts, split))


_TEMPLATE = Trait(Source.TEMPLATE, Kind.CHAT, "")


def _label(groups: Sequence[StoredGroup], members: Sequence[int]) -> str:
    """As the largest group spells it; those whose label is missing follow it."""
    return next(label for at in members if (label := groups[at].key.label))


def _drafts_of_traits(groups: Sequence[StoredGroup], homes: dict[str, Draft], smallest: float) -> list[Draft]:
    """A use case for each trait; rests that are too small for one join the largest rest."""
    drafts: list[Draft] = []
    rests: dict[Kind, Draft] = {}
    for group in sorted(groups, key=lambda group: (-group.calls, group.stored_key)):
        trait = trait_of(group)
        home = homes.get(trait.text) if trait.source is Source.TEMPLATE else None
        if home is not None:
            home.groups.append(group)
        elif trait.source is Source.REST or group.calls < SMALLEST_GROUP:
            rest = Draft(trait=Trait(Source.REST, trait.shape, ""), groups=[])
            rests.setdefault(trait.shape, rest).groups.append(group)
        else:
            drafts.append(Draft(trait=trait, groups=[group]))
    kept: list[Draft] = []
    for rest in sorted(rests.values(), key=lambda rest: (-rest.calls, rest.groups[0].stored_key)):
        if kept and rest.calls < smallest:
            kept[0].groups += rest.groups
        else:
            kept.append(rest)
    return drafts + kept


def _make(store: Store, study_id: int, drafts: list[Draft], *, rest_name: str | None, is_first: bool) -> None:
    """Name the use cases and store them, the largest first."""
    drafts.sort(key=lambda draft: (-draft.calls, min(group.stored_key for group in draft.groups)))
    examples = [_examples(store, draft) for draft in drafts]
    rests = [draft for draft in drafts if isinstance(draft.trait, Trait) and draft.trait.source is Source.REST]
    is_all = is_first and len(rests) == len(drafts)
    for draft, own in zip(drafts, examples, strict=True):
        trait: Trait | str = draft.trait
        if rest_name and rests and draft is rests[0]:
            trait = rest_name
        others = [example.first for other in examples if other is not own for example, _ in other[:EXAMPLES]]
        most = 2 * draft.calls > sum(other.calls for other in drafts)
        portrait = portray(trait, own, others=others[:: max(1, len(others) // _OTHERS)], is_all=is_all or most)
        ids = [group.id for group in draft.groups]
        make_use_case(store, study_id, portrait.name, portrait.kind, ids, portrait.exchange)


def _examples(store: Store, draft: Draft) -> list[tuple[Example, float]]:
    groups = {at: group for group in draft.groups for at in group.examples}
    ids = list(groups)[:: 1 + len(groups) // _MOST_EXAMPLES]
    return [
        (example_of(call, label=group.key.label or ""), group.calls / len(group.examples))
        for call in read_these(store, ids)
        for group in (groups[call.id],)
    ]


def example_of(call: StoredCall, *, label: str = "") -> Example:
    """A call as far as names, kinds and descriptions need it."""
    request = Request(messages=call.messages, params=call.params)
    tools = request.params.get("tools")
    return make_example(
        system=system_text(request),
        user=user_text(request),
        answer=call.answer,
        shape=shape_of(request),
        label=label,
        first=first_message(request),
        tools=len(tools) if isinstance(tools, list) else 0,
        called=call.called,
    )


def _own(group: StoredGroup, prompts: Prompts) -> list[Prompt]:
    return [prompts[at] for at in group.examples if at in prompts]


def _known(old: Sequence[StoredGroup], prompts: Prompts, split: set[str]) -> Known:
    """What the use cases hold; a template that two of them hold tells nothing."""
    labels: dict[str, Counter[int]] = defaultdict(Counter)
    heads: dict[str, Counter[int]] = defaultdict(Counter)
    templates: dict[Template, Counter[int | None]] = defaultdict(Counter)
    for group in old:
        home = group.use_case_id or 0
        is_split = base_key(group.stored_key) in split
        if group.key.label:
            labels[same_label(group.key.label)][home] += group.calls
        template: Template | None = None
        if not is_sorted(group):
            if group.key.template:
                heads[group.key.template][home] += group.calls
            template = constant_template([prompt.sentences for prompt in _own(group, prompts)])
        elif trait_of(group).source is Source.TEMPLATE:
            template = template_of_text(trait_of(group).text)
        if template is not None:
            templates[template][None if is_split else home] += group.calls
    return Known(
        labels={label: _most(homes) for label, homes in labels.items()},
        heads={head: _most(homes) for head, homes in heads.items() if homes[_most(homes)] >= _CLEAR * homes.total()},
        templates=[(template, next(iter(homes))) for template, homes in templates.items() if len(homes) == 1],
    )


def _most(homes: Counter[int]) -> int:
    return max(homes.items(), key=lambda item: (item[1], -item[0]))[0]
