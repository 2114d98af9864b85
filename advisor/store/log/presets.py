"""Presets: what the columns of a kind of file mean, kept under a name and found again by the headers."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select

from advisor.store.engine import Change, Store
from advisor.store.log_tables import PresetRow


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A choice of columns that a person made once."""

    name: str
    headers: tuple[str, ...]
    """Of the file it was made for."""
    columns: dict[str, str]
    """Role to column, as ``open_log`` takes them."""

    def fits(self, headers: Iterable[str]) -> bool:
        """Whether every column it names is there; a dotted one needs the object that it reaches into."""
        there = set(headers)
        return all(column in there or column.partition(".")[0] in there for column in self.columns.values())


def save_preset(store: Store, preset: Preset) -> None:
    """Keep a preset; one of the same name is replaced."""
    with store.write(None) as session:
        row = session.scalar(select(PresetRow).where(PresetRow.name == preset.name))
        if row is None:
            row = PresetRow(name=preset.name)
            session.add(row)
        row.headers, row.columns = list(preset.headers), dict(preset.columns)


def list_presets(store: Store) -> list[Preset]:
    """All presets by name."""
    return [_preset(row) for row in store.scalars(select(PresetRow).order_by(PresetRow.name))]


def find_presets(store: Store, headers: Iterable[str]) -> list[Preset]:
    """The presets that fit these headers: those made for the most similar headers first, of equal ones the newest."""
    there = set(headers)
    presets = [_preset(row) for row in store.scalars(select(PresetRow).order_by(PresetRow.id.desc()))]
    fitting = [preset for preset in presets if preset.fits(there)]
    return sorted(fitting, key=lambda preset: -likeness(preset.headers, there))


def likeness(first: Iterable[str], second: Iterable[str]) -> float:
    """The share of the headers of two files that both have, from 0 to 1; their order does not matter."""
    one, other = set(first), set(second)
    return len(one & other) / len(one | other) if one | other else 0.0


def delete_preset(store: Store, name: str) -> None:
    """Forget a preset; logs that were imported with it stay."""
    store.execute(None, Change.OTHER, delete(PresetRow).where(PresetRow.name == name))


def _preset(row: PresetRow) -> Preset:
    return Preset(name=row.name, headers=tuple(row.headers), columns=dict(row.columns))
