"""The curated open-weight models: identity, licence, size and the hosted prices of the day the file was made."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import number, read_rows, whole
from advisor.catalog.identity import canonical_name
from advisor.catalog.list_copies import Copies, copies
from advisor.settings import DATA
from advisor.types import OWN_SERVERS, WITHIN

ALSO_CALLED = {
    "coherelabs": ("cohere",),
    "deepseek-ai": ("deepseek",),
    "ibm-granite": ("ibm",),
    "liquidai": ("liquid",),
    "meituan-longcat": ("meituan",),
    "meta-llama": ("meta",),
    "meta-models": ("meta",),
    "minimaxai": ("minimax",),
    "mistralai": ("mistral",),
    "moonshotai": ("moonshot",),
    "qwen": ("alibaba",),
    "stepfun-ai": ("stepfun",),
    "xiaomimimo": ("xiaomi",),
    "zai-org": ("z-ai", "zai"),
}
"""Organisations on Hugging Face -> what hosts write instead, in small letters."""
_HOSTS_OWN = re.compile(r"(^|/)(accounts/fireworks/models|perplexity/perplexity|@oi|ps|[a-z]{2}(-gov)?-[a-z]+-\d)$")
"""What a host itself puts before the name of a model, regions included."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a model is, and what serving it takes. None: not found, never zero."""

    total_b: float | None
    """Billions of parameters."""
    active_b: float | None
    vram_gb: float | None
    precision: str | None
    """At which it takes so much."""
    published_precision: str
    """In the words of its makers; empty where it is not known."""
    checkpoint_gb: float | None
    """The size of its files, reported, not reckoned."""
    gpus_80gb: int | None
    """Without headroom for long contexts."""


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What a model can be given and do. None: not found."""

    context_tokens: int | None
    images: bool
    """Whether it reads them."""
    tools: bool | None
    json_schema: bool | None
    """Whether any host says that answers can be held to a JSON schema; a server of one's own can always do it."""
    json_schema_hosts: str | None
    """How many said so of those looked at: ``4/6``."""


@dataclass(frozen=True, kw_only=True)
class Hosted:
    """How widely a model is sold: dollars per million tokens are the median over hosts. None: not found."""

    hosts: int
    input_usd_per_mtok: float | None
    output_usd_per_mtok: float | None


@dataclass(frozen=True, kw_only=True)
class Remarks:
    """What is said about a row of the catalog."""

    licence_evidence: str
    """How it is known that the model has its licence."""
    training_data: str
    """``open``, ``partial`` or ``undisclosed``."""
    training_data_note: str | None
    note: str | None
    unknowns: str | None
    """What was looked for and not found."""
    checked_on: str | None


@dataclass(frozen=True, kw_only=True)
class OpenModel:
    """One row of open_models.csv. None: not found, never zero."""

    id: str
    name: str
    developer: str
    hf_repo: str | None
    litellm_ids: tuple[str, ...]
    """Under which ids hosts serve it."""
    licence: str | None
    """A ``licence_id`` of licences.csv; ``unknown`` where nobody has verified it."""
    is_core: bool
    """Recommended to look at first."""
    release_date: str | None
    size: Size
    can: Abilities
    hosted: Hosted
    remarks: Remarks


def candidates_catalog() -> list[OpenModel]:
    """Every open model of the catalog, the core ones first, then the newest.

    Raises BadInput when the file is missing or damaged.
    """
    return sorted(_read(DATA / "catalog" / "open_models.csv"), key=lambda model: not model.is_core)


def open_model(litellm_id: str) -> OpenModel | None:
    """The open model behind an id, by exact join on its names.

    None when unknown, when two models share the name, or when another organisation than the model's stands before it:
    who tunes weights and keeps their name may give them another licence.
    """
    by_name = _index(DATA / "catalog" / "open_models.csv")
    if found := by_name.get(litellm_id.lower()):
        return found
    model = by_name.get(canonical_name(litellm_id))
    return model if model and _is_by(model, litellm_id.strip().lower()) else None


def _is_by(model: OpenModel, litellm_id: str) -> bool:
    """Whether what stands right before the name is a host, or the organisation that made the model."""
    before = litellm_id.rpartition("/")[0]
    last = before.rpartition("/")[2]
    owner = (model.hf_repo or "").lower().partition("/")[0]
    if not before or last == owner or last in ALSO_CALLED.get(owner, ()):
        return True
    return before in _hosts(copies()) or bool(_HOSTS_OWN.search(before))


@functools.lru_cache(maxsize=1)
def _hosts(lists: Copies) -> frozenset[str]:
    """Who sells models by litellm's list."""
    listed = (str(entry.get("litellm_provider", "")).lower() for entry in lists.litellm.values())
    return OWN_SERVERS | WITHIN | frozenset(listed)


@functools.cache
def _index(path: Path) -> dict[str, OpenModel | None]:
    by_name: dict[str, OpenModel | None] = {}
    on_ollama = dict(read_rows(path, lambda row: (row["model_id"], row["ollama_name"])))
    for model in _read(path):
        # A host's own name joins only as a whole: its product may be another model than the weights of that name.
        spellings = (model.id, model.hf_repo, on_ollama[model.id])
        names = {canonical_name(spelling) for spelling in spellings if spelling}
        names |= {litellm_id.lower() for litellm_id in model.litellm_ids}
        for name in names:
            by_name[name] = model if name not in by_name else None
    return by_name


@functools.cache
def _read(path: Path) -> tuple[OpenModel, ...]:
    models = read_rows(path, _model)
    return tuple(sorted(models, key=lambda model: model.release_date or "", reverse=True))


def _model(row: dict[str, str]) -> OpenModel:
    return OpenModel(
        id=row["model_id"],
        name=row["name"],
        developer=row["developer"],
        hf_repo=row["hf_repo"] or None,
        litellm_ids=tuple(filter(None, row["litellm_ids"].split("|"))),
        licence=row["licence_id"] or None,
        is_core=row["tier"] == "core",
        release_date=row["release_date"] or None,
        size=Size(
            total_b=number(row["params_total_b"]),
            active_b=number(row["params_active_b"]),
            vram_gb=number(row["deploy_vram_gb"]),
            precision=row["deploy_precision"] or None,
            published_precision=row["native_precision"].removeprefix("unknown"),
            checkpoint_gb=number(row["checkpoint_gb_reported"]),
            gpus_80gb=whole(row["min_gpus_80gb"]),
        ),
        can=Abilities(
            context_tokens=whole(row["context_tokens"]),
            images="image" in row["modalities_in"].split("|"),
            tools={"yes": True, "no": False}.get(row["tools"].split(" ")[0].strip(",;")),
            json_schema=True if whole(row["json_schema_hosts"].partition("/")[0]) else None,
            json_schema_hosts=row["json_schema_hosts"] or None,
        ),
        hosted=Hosted(
            hosts=whole(row["hosted_providers_n"]) or 0,
            input_usd_per_mtok=number(row["hosted_in_median"]),
            output_usd_per_mtok=number(row["hosted_out_median"]),
        ),
        remarks=Remarks(
            licence_evidence=row["licence_evidence"],
            training_data=row["training_data"],
            training_data_note=row["training_data_note"] or None,
            note=row["note"] or None,
            unknowns=row["unknowns"] or None,
            checked_on=row["checked_on"] or None,
        ),
    )


class Edition(NamedTuple):
    """One state of one board: only values of the same edition can be compared."""

    board: str
    """``arena`` or ``aa``."""
    version: str
    """Empty where the source does not tell."""
    as_of: str
    """The day, or the month, of the values."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One value of one model."""

    model_id: str
    edition: Edition
    value: float
    not_of_this_model: str | None
    """What was measured where it was not this very model: such a value is shown and never compared."""
    source: str
    checked_on: str


def standings() -> tuple[Standing, ...]:
    """Every value known. Raises BadInput when the file is missing or damaged."""
    return read_rows(DATA / "catalog" / "standings.csv", _standing)


def editions() -> tuple[Edition, ...]:
    """The editions in which at least two models can be compared, the newest first."""
    models: dict[Edition, int] = {}
    for standing in standings():
        if standing.not_of_this_model is None:
            models[standing.edition] = models.get(standing.edition, 0) + 1
    kept = [edition for edition, number in models.items() if number > 1]
    return tuple(sorted(kept, key=lambda edition: (edition.as_of, edition.board), reverse=True))


def _standing(row: dict[str, str]) -> Standing:
    return Standing(
        model_id=row["model_id"],
        edition=Edition(row["board"], row["version"], row["as_of"]),
        value=float(row["value"]),
        not_of_this_model=row["not_of_this_model"] or None,
        source=row["source"],
        checked_on=row["checked_on"],
    )
