"""Mending what the grouping got wrong: rename, change, merge, ignore, and taking any of it back."""

from dataclasses import asdict
from typing import Any

from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.edits import Edit, list_edits, recorded, undo_edit
from advisor.store.use_cases import get_row, move_groups, set_fields
from advisor.types import Study, UseCase

LONGEST_NAME = 200


def change(store: Store, use_case: UseCase, **changes: Any) -> None:
    """Set name, kind, endpoint, margin, whether it is ignored, match or checks; can be undone.

    Match and checks are taken as they are: see ``study.checks``. Raises BadInput for a name that is empty, too long or
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
    with recorded(store, _told(use_case, values), [use_case.id]) as session:
        set_fields(session, get_row(session, use_case.id), values)


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


def undo(store: Store, study: Study, edit: Edit) -> None:
    """Take back the newest change. Raises BadInput when there is a newer one."""
    undo_edit(store, study.id, edit.id)


def checked_name(name: str) -> str:
    """The name without spaces around it. Raises BadInput when it is empty or too long."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(f"A use case needs a name of 1 to {LONGEST_NAME} characters.")
    return name


def _told(use_case: UseCase, values: dict[str, Any]) -> str:
    done = []
    if "name" in values:
        done.append(f"renamed to {values['name']}")
    if "kind" in values:
        done.append(f"now of the kind {values['kind'].replace('_', ' ')}")
    if {"endpoint", "margin"} & values.keys():
        done.append("judged otherwise")
    if "ignored" in values:
        done.append("ignored" if values["ignored"] else "no longer ignored")
    if "match" in values:
        done.append("compared otherwise with right answers")
    if "checks" in values:
        done.append("checked otherwise" if values["checks"] else "no longer checked")
    return f"{use_case.name}: {', '.join(done)}"
