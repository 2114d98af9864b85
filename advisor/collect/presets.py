"""Presets of columns as a person works with them: named, offered for files alike, used on the command line."""

from collections.abc import Sequence

from advisor.errors import BadInput
from advisor.ingest.records.columns import ROLES
from advisor.store import Store
from advisor.store.presets import Preset, delete_preset, find_presets, likeness, list_presets, save_preset

__all__ = ["Preset", "columns_of", "delete_preset", "list_presets", "make_preset", "offered_presets", "preset_for"]

ALIKE = 0.8
"""The share of common headers from which a file counts as one of the same kind: records of JSON lack a key at times."""
_NAME_CHARS = 80


def make_preset(store: Store, name: str, headers: Sequence[str], columns: dict[str, str]) -> Preset:
    """Save what the columns of a file mean. Raises BadInput for a bad name, an unknown role or no prompt."""
    name = " ".join(name.split())
    if not name or len(name) > _NAME_CHARS:
        raise BadInput(f"A preset needs a name of 1 to {_NAME_CHARS} characters.")
    unknown = [role for role in columns if role not in ROLES]
    if unknown:
        raise BadInput(f"{unknown[0]!r} isn't a column type. Use one of: {', '.join(ROLES)}.")
    if not {"prompt", "messages"} & set(columns):
        raise BadInput("Map the prompt column first. Nothing can be replayed without it.")
    preset = Preset(name=name, headers=tuple(headers), columns=dict(columns))
    save_preset(store, preset)
    return preset


def preset_for(store: Store, headers: Sequence[str]) -> Preset | None:
    """The preset to use without being asked: made for headers like these (ALIKE), with all its columns there."""
    presets = offered_presets(store, headers)
    return presets[0] if presets and likeness(presets[0].headers, headers) >= ALIKE else None


def offered_presets(store: Store, headers: Sequence[str]) -> list[Preset]:
    """Every preset whose columns are all there, the likeliest first."""
    return find_presets(store, headers)


def columns_of(store: Store, name: str) -> dict[str, str]:
    """The columns of the preset called ``name``, for ``--preset``. Raises BadInput that lists the presets there are."""
    presets = list_presets(store)
    found = next((preset for preset in presets if preset.name == " ".join(name.split())), None)
    if found is not None:
        return found.columns
    known = ", ".join(preset.name for preset in presets)
    there = f"Presets here: {known}." if known else "There is none yet; the page Prompt log saves them."
    raise BadInput(f"Unknown preset {name!r}. {there}")
