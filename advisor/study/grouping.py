"""From the groups that a log brought to use cases."""

from advisor.ingest.grouping import system_text, user_text
from advisor.ingest.usecases import Example, Group, name_use_cases
from advisor.store import Store
from advisor.store.groups import StoredGroup, list_new_groups, move_groups, put_in_use_case, use_cases_of_labels
from advisor.store.logs import load_texts
from advisor.types import Answer, Request

EXAMPLES = 40


def group_study(store: Store, study_id: int) -> None:
    """Put every group that has no use case yet into one.

    A label that a person's use case holds already goes there, under whatever name it has now.
    """
    new = list_new_groups(store, study_id, examples=EXAMPLES)
    homes = use_cases_of_labels(store, study_id, [group.key.label for group in new if group.key.label])
    left = []
    for group in new:
        home = homes.get((group.key.label or "").casefold())
        if home is None:
            left.append(group)
        else:
            move_groups(store, [group.id], home)
    texts = load_texts(store, [sample_id for group in left for sample_id in group.examples])
    for use_case in name_use_cases([_group(group, texts) for group in left]):
        put_in_use_case(store, study_id, use_case.name, use_case.kind, [left[index].id for index in use_case.groups])


def _group(group: StoredGroup, texts: dict[int, tuple[Request, Answer | None]]) -> Group:
    return Group(key=group.key, calls=group.calls, examples=tuple(_example(*texts[i]) for i in group.examples))


def _example(request: Request, answer: Answer | None) -> Example:
    return Example(system=system_text(request), user=user_text(request), answer=(answer.text or "") if answer else None)
