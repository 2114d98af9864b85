"""Asking the sources for newer lists: each is checked against the copy that is there, and kept or not.

Nothing happens unless a person asks for it. Nothing of a study is sent: the addresses are the same for everybody, but
for the repositories of the catalogue's models. Whatever goes wrong with one list, the last good copy of it stays.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from advisor.catalog.licences import licence
from advisor.catalog.list_content import Entries, Unreadable, prices_of_listed, prices_of_providers
from advisor.catalog.open_models import candidates_catalog
from advisor.catalog.refresh_changes import Changes, LicenceChange, check, compare, compare_licences
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
    write_copy,
    write_index,
)
from advisor.catalog.refresh_lists import (
    GENAI_PRICES,
    LICENCES,
    LITELLM,
    Source,
    read_entries,
)
from advisor.catalog.refresh_used import model_list


class Outcome(StrEnum):
    """What became of one list."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What became of one list, and which copy is used now."""

    source: Source
    outcome: Outcome
    why: str = ""
    """Of one that failed."""
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


def review(names: Sequence[str], folder: Path, *, now: datetime | None = None) -> list[str]:
    """Note that a person has read the licences of models, by their id in the catalogue or repository.

    Returns the names that nothing waits for.
    """
    found: set[str] = set()
    wanted, day = {name.strip().lower(): name for name in names}, f"{now or datetime.now(UTC):%Y-%m-%d}"
    with changing(folder) as index:
        licences = []
        for change in index.licences:
            known = {change.model.lower(), change.repo.lower()} & wanted.keys() if change.reviewed_on is None else set()
            licences.append(replace(change, reviewed_on=day) if known else change)
            found.update(known)
        if found:
            write_index(folder, replace(index, licences=tuple(licences)))
    return [name for key, name in wanted.items() if key not in found]


def _one(source: Source, folder: Path, data_dir: Path, at: datetime) -> Refreshed:
    """One source, with what became of it written into the index. Raises AdvisorError."""
    index = read_index(folder)
    kept = index.kept.get(source.name)
    try:
        body, etag = _fetched(source, kept, licences_copy(folder, index), folder, data_dir, at)
        with changing(folder) as index:  # a person may have read a licence meanwhile
            kept = index.kept.get(source.name)
            done, newer = _taken(source, body, etag, index, folder, at)
            if source.name == LICENCES:
                newer = replace(newer, licences=_licences_after(json.loads(body), index, folder, data_dir, at))
            write_index(folder, newer)
            return done
    except (Unreachable, Unreadable) as error:
        return Refreshed(source=source, outcome=Outcome.FAILED, why=str(error), kept=kept)


def _fetched(
    source: Source, kept: Kept | None, licences: dict[str, str], folder: Path, data_dir: Path, at: datetime
) -> tuple[bytes, str | None]:
    """What the source has now, with its mark. Raises Unreachable."""
    if source.name == LICENCES:
        return _licences_body(source, licences, data_dir), None
    copy = _copy_of(source, kept, folder, at)
    may_be_same = kept is not None and copy is not None and kept.package == installed(source.name)
    fetched = fetch(source.url, kept.etag if kept and may_be_same else None)
    body = copy[0] if fetched.body is None and copy else fetched.body
    if body is None:
        raise Unreachable("it reported no change, but no copy is stored")
    return body, fetched.etag


def _copy_of(source: Source, kept: Kept | None, folder: Path, at: datetime) -> tuple[bytes, Entries] | None:
    """The last good copy; None: there is none, or of another address, or only an older program could read it."""
    body = read_copy(folder, kept) if kept and kept.url == digest_of(source.url.encode()) else None
    try:
        return None if body is None else (body, read_entries(source.name, body, at))
    except Unreadable:
        return None


def _taken(
    source: Source, body: bytes, etag: str | None, index: Index, folder: Path, at: datetime
) -> tuple[Refreshed, Index]:
    """What becomes of a list that came, and the index with it. Raises Unreadable for one that looks wrong."""
    kept = index.kept.get(source.name)
    copy = _copy_of(source, kept, folder, at)
    if kept and copy and copy[0] == body and kept.package == installed(source.name):
        new, changes, outcome = replace(kept, checked_at=at), Changes(), Outcome.UNCHANGED
    else:
        before, after = copy[1] if copy else _installed_entries(source.name, at), read_entries(source.name, body, at)
        check(before, after)
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
        changes, outcome = compare(before, after) if before else Changes(), Outcome.UPDATED
    done = Refreshed(source=source, outcome=outcome, kept=new, changes=changes)
    return done, replace(index, kept={**index.kept, source.name: new})


def _installed_entries(name: str, at: datetime) -> Entries:
    """What came with the installed package: nothing for lists that no package holds."""
    if name == GENAI_PRICES:
        from genai_prices.data import providers

        noon = at.astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        return prices_of_providers(providers, noon)
    return prices_of_listed(model_list()) if name == LITELLM else {}


def _licences_body(source: Source, before: dict[str, str], data_dir: Path) -> bytes:
    """The licences of all repositories as one list; what a repository named before stays where it is silent now."""
    repos = sorted(_models_by_repo(data_dir))
    named = fetch_licences(source.url, repos)
    if not named:
        raise Unreachable("no repository in the catalog named a license")
    known = {**before, **named}
    return json.dumps({repo: known[repo] for repo in sorted(known)}, indent=1, ensure_ascii=False).encode()


def _licences_after(
    after: dict[str, str], index: Index, folder: Path, data_dir: Path, at: datetime
) -> tuple[LicenceChange, ...]:
    """The licences that changed, reviewed or not; what changed back is forgotten."""
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
    return reviewed + waiting


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
