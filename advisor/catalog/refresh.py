"""Asking the sources for newer lists: each is checked, compared with the copy that is there, and kept or not.

Nothing happens unless a person asks for it. Nothing of a study is sent: the addresses are the same for everybody, but
for the repositories of the catalogue's models. Whatever goes wrong with one list, the last good copy of it stays.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.licences import licence
from advisor.catalog.list_content import Entries, Unreadable, prices_of_listed, prices_of_providers, read_json
from advisor.catalog.list_names import Moves, moved_names
from advisor.catalog.model_list import model_list
from advisor.catalog.open_models import candidates_catalog
from advisor.catalog.refresh_changes import Changes, LicenceChange, compare, compare_licences, is_too_short, jumps
from advisor.catalog.refresh_fetch import Unreachable, fetch, fetch_licences
from advisor.catalog.refresh_kept import (
    Index,
    Kept,
    changing,
    digest_of,
    installed,
    licences_copy,
    read_copy,
    read_index,
    with_kept,
    write_copy,
    write_index,
)
from advisor.catalog.refresh_lists import (
    GENAI_PRICES,
    LICENCES,
    LITELLM,
    Source,
    read_entries,
    read_providers,
)


class Outcome(StrEnum):
    """What became of one list."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    HELD = "held"
    """It looks wrong: a person must look before it is used."""
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What became of one list, and which copy is used now."""

    source: Source
    outcome: Outcome
    why: str = ""
    """Of one that is held or failed."""
    kept: Kept | None = None
    """None: the list that came with the installed package, or none."""
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What one refresh brought."""

    at: datetime
    lists: tuple[Refreshed, ...]
    licences: tuple[LicenceChange, ...]
    """All that nobody has reviewed yet, older ones too."""


def refresh(
    sources: Sequence[Source],
    folder: Path,
    data_dir: Path,
    *,
    now: datetime | None = None,
    say: Callable[[Source], None] = lambda _: None,
) -> Refresh:
    """Ask every source in turn, and keep what each brought at once. Blocks. Raises AdvisorError when it cannot."""
    at = now or datetime.now(UTC)
    lists = []
    for source in sources:
        say(source)
        lists.append(_one(source, folder, data_dir, at))
    waiting = tuple(change for change in read_index(folder).licences if change.reviewed_on is None)
    return Refresh(at=at, lists=tuple(lists), licences=waiting)


def review(names: Sequence[str], folder: Path, data_dir: Path, *, now: datetime | None = None) -> list[str]:
    """Note that a person has looked: at a model's licence, or at the prices or the size of a list that was held.

    ``names`` are ids of the catalogue, repositories or sources; returns those that nothing waits for.
    """
    with changing(folder) as before:
        index, unknown = before, []
        for name in names:
            index, found = _reviewed(index, name.strip().lower(), f"{now or datetime.now(UTC):%Y-%m-%d}")
            if not found:
                unknown.append(name)
        if index != before:
            write_index(folder, index)
    return unknown


def _reviewed(index: Index, wanted: str, day: str) -> tuple[Index, bool]:
    """The index after a review of what has this name, and whether anything had waited for it."""
    waiting = [c for c in index.licences if c.reviewed_on is None and wanted in (c.model.lower(), c.repo.lower())]
    for change in waiting:
        reviewed = replace(change, reviewed_on=day)
        index = replace(index, licences=tuple(reviewed if c is change else c for c in index.licences))
    held, short = index.jumped.get(wanted, ()), index.short.get(wanted)
    if held:
        seen = {change.model: change.moves | change.jumps for change in held}
        prices = {**index.reviewed_prices.get(wanted, {}), **seen}
        index = replace(index, reviewed_prices={**index.reviewed_prices, wanted: prices})
    if short is not None:
        index = replace(index, reviewed_sizes={**index.reviewed_sizes, wanted: short})
    return _without_held(index, wanted), bool(waiting or held or short is not None)


class _Copy(NamedTuple):
    """The last good copy of a list."""

    kept: Kept | None
    body: bytes | None
    """None: it is gone, of another address, or cannot be read."""
    entries: Entries | None
    """What it holds."""

    def is_read_as_before(self, name: str) -> bool:
        """Whether the installed package is the one that it was checked with."""
        return self.kept is not None and self.kept.package == installed(name)


def _one(source: Source, folder: Path, data_dir: Path, at: datetime) -> Refreshed:
    """One source, with what became of it written into the index. Raises AdvisorError."""
    index = read_index(folder)
    try:
        while True:
            copy = _copy_of(source, index, folder, at)
            body, etag = _fetched(source, copy, licences_copy(folder, index), data_dir)
            with changing(folder) as index:  # not as it was before the source was asked: a person may have looked
                if index.kept.get(source.name) != copy.kept:
                    continue  # another refresh was faster, perhaps with a newer list: ask once more
                done, newer = _taken(source, body, etag, copy, index, folder, data_dir, at)
                if newer != index:
                    write_index(folder, newer)
                return done
    except (Unreachable, Unreadable) as error:
        return Refreshed(source=source, outcome=Outcome.FAILED, why=str(error), kept=index.kept.get(source.name))


def _copy_of(source: Source, index: Index, folder: Path, at: datetime) -> _Copy:
    kept = index.kept.get(source.name)
    body = read_copy(folder, kept) if kept and kept.url == digest_of(source.url.encode()) else None
    try:
        return _Copy(kept, body, None if body is None else read_entries(source.name, body, at))
    except Unreadable:  # an older program, which checked less, took it
        return _Copy(kept, None, None)


def _fetched(source: Source, copy: _Copy, licences: dict[str, str], data_dir: Path) -> tuple[bytes, str | None]:
    """What the source has now, with its mark. Raises Unreachable."""
    if source.name == LICENCES:
        return _licences_body(source, licences, data_dir), None
    may_be_same = copy.kept is not None and copy.body is not None and copy.is_read_as_before(source.name)
    fetched = fetch(source.url, copy.kept.etag if copy.kept and may_be_same else None)
    body = copy.body if fetched.body is None else fetched.body
    if body is None:
        raise Unreachable("it said that nothing has changed, but there is no copy here")
    return body, fetched.etag


def _taken(
    source: Source,
    body: bytes,
    etag: str | None,
    copy: _Copy,
    index: Index,
    folder: Path,
    data_dir: Path,
    at: datetime,
) -> tuple[Refreshed, Index]:
    """What becomes of a list that came, and the index with it. Raises Unreadable."""
    kept, old = copy.kept, copy.entries
    if kept and copy.body == body and copy.is_read_as_before(source.name):
        same = replace(kept, checked_at=at)
        index = with_kept(_without_held(index, source.name), source.name, same)
        return Refreshed(source=source, outcome=Outcome.UNCHANGED, kept=same), index
    after = read_entries(source.name, body, at)
    old = _installed_entries(source.name, at) if old is None else old
    changes = compare(old, after, _moves(source.name, copy, body)) if old else Changes()
    if is_too_short(old, after, index.reviewed_sizes.get(source.name)):
        why = f"it has {len(after):,} entries where the last one had {len(old):,}; it looks cut off"
        held = replace(index, short={**index.short, source.name: len(after)})
        return Refreshed(source=source, outcome=Outcome.HELD, why=why, kept=kept, changes=changes), held
    jumped = jumps(changes, index.reviewed_prices.get(source.name, {}), len(old))
    if jumped:
        named = ", ".join(change.model for change in jumped[:3])
        how = "more than tenfold or to nothing" if all(change.jumps for change in jumped) else "by half or more at once"
        whose = f"of {len(jumped):,} models " if len(jumped) > 3 else ""
        why = f"prices {whose}changed {how} ({named}); look at them before they are used"
        held = replace(index, jumped={**index.jumped, source.name: jumped})
        return Refreshed(source=source, outcome=Outcome.HELD, why=why, kept=kept, changes=changes), held
    new = Kept(
        file=write_copy(folder, source.name, body, at),
        digest=digest_of(body),
        etag=etag,
        url=digest_of(source.url.encode()),
        entries=len(after),
        fetched_at=at,
        checked_at=at,
        package=installed(source.name),
    )
    if source.name == LICENCES:
        index = _with_licences(index, folder, json.loads(body), data_dir, at)
    done = Refreshed(source=source, outcome=Outcome.UPDATED, kept=new, changes=changes)
    return done, with_kept(_without_held(index, source.name), source.name, new)


def _without_held(index: Index, name: str) -> Index:
    """The index in which nothing of this source waits for a person."""
    jumped = {source: changes for source, changes in index.jumped.items() if source != name}
    return replace(index, jumped=jumped, short={source: size for source, size in index.short.items() if source != name})


def _installed_entries(name: str, at: datetime) -> Entries:
    """What came with the installed package: nothing for lists that no package holds."""
    if name == GENAI_PRICES:
        from genai_prices.data import providers

        noon = at.astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        return prices_of_providers(providers, noon)
    return prices_of_listed(model_list()) if name == LITELLM else {}


def _moves(name: str, copy: _Copy, body: bytes) -> Moves:
    """The names that another entry prices than in the last good copy, or in what was installed. Raises Unreadable."""
    if name != GENAI_PRICES:
        return {}
    from genai_prices.data import providers

    before = providers if copy.body is None or copy.entries is None else read_providers(read_json(copy.body))
    return moved_names(before, read_providers(read_json(body)))


def _licences_body(source: Source, before: dict[str, str], data_dir: Path) -> bytes:
    """The licences of all repositories as one list; what a repository named before stays where it is silent now."""
    repos = sorted(_models_by_repo(data_dir))
    named = fetch_licences(source.url, repos)
    if not named:
        raise Unreachable("no repository of the catalogue named a licence")
    known = {**before, **named}
    return json.dumps({repo: known[repo] for repo in sorted(known)}, indent=1, ensure_ascii=False).encode()


def _with_licences(index: Index, folder: Path, after: dict[str, str], data_dir: Path, at: datetime) -> Index:
    """The index with the licences that changed; what changed back is forgotten."""
    models = _models_by_repo(data_dir)
    before = _catalogue_licences(data_dir) | licences_copy(folder, index)
    for change in index.licences:  # until somebody has looked, what counts is what was there before
        if change.reviewed_on is None:
            before[change.repo] = change.before
    found = compare_licences(before, after, models, f"{at:%Y-%m-%d}")
    seen = {(change.repo, change.after): change for change in index.licences}
    reviewed = tuple(change for change in index.licences if change.reviewed_on is not None)
    waiting = tuple(
        replace(change, seen_on=old.seen_on) if (old := seen.get((change.repo, change.after))) else change
        for change in found
    )
    return replace(index, licences=reviewed + waiting)


def _models_by_repo(data_dir: Path) -> dict[str, str]:
    return {model.hf_repo: model.id for model in candidates_catalog(data_dir) if model.hf_repo}


def _catalogue_licences(data_dir: Path) -> dict[str, str]:
    """What the catalogue says, where the hub has the same word for it: compared at the first refresh."""
    return {
        model.hf_repo: model.licence
        for model in candidates_catalog(data_dir)
        if model.hf_repo and model.licence in STANDARD and licence(model.licence, data_dir)
    }


STANDARD = frozenset({"apache-2.0", "mit", "cc-by-nc-4.0", "gemma", "llama3", "llama3.1", "llama3.2", "llama3.3"})
"""Licences that the hub names as the catalogue does."""
