"""Asking the sources for newer lists: each is checked against the one before it, and kept or not.

Nothing happens unless a person asks for it. Nothing of a study is sent: the addresses are the same for everybody, but
for the repositories of the catalogue's models. Whatever goes wrong with one list, the last good copy of it stays.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from advisor.catalog.licences import licence
from advisor.catalog.list_content import (
    GENAI_PRICES,
    LICENCES,
    LITELLM,
    Changes,
    Entries,
    Unusable,
    check,
    compare,
    entries_of_listed,
    entries_of_providers,
    read_entries,
)
from advisor.catalog.list_copies import (
    Index,
    Kept,
    LicenceChange,
    installed,
    model_list,
    read_copy,
    read_index,
    write_copy,
    write_index,
)
from advisor.catalog.list_sources import Source, fetch, fetch_licences
from advisor.catalog.open_models import candidates_catalog

STANDARD = frozenset({"apache-2.0", "mit", "cc-by-nc-4.0", "gemma", "llama3", "llama3.1", "llama3.2", "llama3.3"})
"""Licences that the hub names as the catalogue does."""


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


def refresh(
    sources: Sequence[Source],
    folder: Path,
    *,
    now: datetime | None = None,
    say: Callable[[Source], None] = lambda _: None,
) -> list[Refreshed]:
    """Ask every source in turn, and keep what each brought at once. Blocks. Raises AdvisorError when it cannot."""
    at = now or datetime.now(UTC)
    lists = []
    for source in sources:
        say(source)
        try:
            lists.append(_refreshed(source, folder, at))
        except Unusable as error:
            kept = read_index(folder).kept.get(source.name)
            lists.append(Refreshed(source=source, outcome=Outcome.FAILED, why=str(error), kept=kept))
    return lists


def review(names: Sequence[str], folder: Path, *, now: datetime | None = None) -> list[str]:
    """Note that a person has read the licences of models, by their id in the catalogue or repository.

    Returns the names that nothing waits for.
    """
    found: set[str] = set()
    wanted, day = {name.strip().lower(): name for name in names}, f"{now or datetime.now(UTC):%Y-%m-%d}"
    index = read_index(folder)
    licences = []
    for change in index.licences:
        known = {change.model.lower(), change.repo.lower()} & wanted.keys() if change.reviewed_on is None else set()
        licences.append(replace(change, reviewed_on=day) if known else change)
        found.update(known)
    if found:
        write_index(folder, replace(index, licences=tuple(licences)))
    return [name for key, name in wanted.items() if key not in found]


def _refreshed(source: Source, folder: Path, at: datetime) -> Refreshed:
    """What the source has now, taken into the index. Raises Unusable for a list that is broken or looks wrong."""
    body = _licences_body(source, folder) if source.name == LICENCES else fetch(source.url)
    index = read_index(folder)  # a person may have read a licence meanwhile
    kept = index.kept.get(source.name)
    copy = read_copy(folder, kept)
    changes = Changes()
    if kept and copy == body and kept.package == installed(source.name):
        new, outcome = replace(kept, checked_at=at), Outcome.UNCHANGED
    else:
        before, after = _entries_before(source.name, copy, at), read_entries(source.name, body, at)
        check(before, after)
        new = write_copy(folder, source.name, body, len(after), at)
        changes, outcome = compare(before, after) if before else Changes(), Outcome.UPDATED
    licences = index.licences
    if source.name == LICENCES:
        licences = _licences_after(json.loads(body), json.loads(copy or b"{}"), index, f"{at:%Y-%m-%d}")
    write_index(folder, Index(kept={**index.kept, source.name: new}, licences=licences))
    return Refreshed(source=source, outcome=outcome, kept=new, changes=changes)


def _entries_before(name: str, copy: bytes | None, at: datetime) -> Entries:
    """What the last good copy holds, or what came with the installed package: nothing for lists that none holds."""
    try:
        if copy is not None:
            return read_entries(name, copy, at)
    except Unusable:  # only an older program could read it
        pass
    if name == GENAI_PRICES:
        from genai_prices.data import providers

        return entries_of_providers(providers, at)
    return entries_of_listed(model_list()) if name == LITELLM else {}


def _licences_body(source: Source, folder: Path) -> bytes:
    """The licences of all repositories as one list; what a repository named before stays where it is silent now."""
    named = fetch_licences(source.url, sorted(_models_by_repo()))
    if not named:
        raise Unusable("no repository in the catalog named a license")
    before = json.loads(read_copy(folder, read_index(folder).kept.get(LICENCES)) or b"{}")
    return json.dumps({**before, **named}, indent=1, ensure_ascii=False, sort_keys=True).encode()


def _licences_after(
    after: Mapping[str, str], copy: Mapping[str, str], index: Index, day: str
) -> tuple[LicenceChange, ...]:
    """The licences that changed, reviewed or not; what changed back is forgotten."""
    models = _models_by_repo()
    waiting = {change.repo: change for change in index.licences if change.reviewed_on is None}
    # Until somebody has looked, what counts is what was there before.
    before = {**_catalogue_licences(), **copy, **{repo: change.before for repo, change in waiting.items()}}
    changes = [change for change in index.licences if change.reviewed_on is not None]
    for repo in sorted(after.keys() & before.keys() & models.keys()):
        old, new = before[repo], after[repo]
        if old != new:
            seen = waiting.get(repo)
            since = seen.seen_on if seen and seen.after == new else day
            changes.append(LicenceChange(model=models[repo], repo=repo, before=old, after=new, seen_on=since))
    return tuple(changes)


def _models_by_repo() -> dict[str, str]:
    return {model.hf_repo: model.id for model in candidates_catalog() if model.hf_repo}


def _catalogue_licences() -> dict[str, str]:
    """What the catalogue says, where the hub has the same word for it: compared at the first refresh."""
    return {
        model.hf_repo: model.licence
        for model in candidates_catalog()
        if model.hf_repo and model.licence in STANDARD and licence(model.licence)
    }
