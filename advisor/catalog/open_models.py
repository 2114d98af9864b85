"""The curated open-weight models: identity, licence, size and the hosted prices of the day the file was made."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from advisor.catalog.catalog_files import number, read_rows, whole
from advisor.catalog.identity import canonical_name
from advisor.catalog.list_copies import Copies, copies
from advisor.settings import ROOT
from advisor.types import OWN_SERVERS, WITHIN

DATA = ROOT / "data"


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
class OpenModel:
    """One row of open_models.csv. None: not found, never zero."""

    id: str
    name: str
    developer: str
    hf_repo: str | None
    litellm_ids: tuple[str, ...]
    """Under which ids hosts serve it."""
    ollama_name: str | None
    licence: str | None
    """A ``licence_id`` of licences.csv; ``unknown`` where nobody has verified it."""
    licence_evidence: str
    """How it is known that the model has this licence."""
    is_core: bool
    """Recommended to look at first."""
    release_date: str | None
    context_tokens: int | None
    params_total_b: float | None
    params_active_b: float | None
    hosted_input_usd_per_mtok: float | None
    """Median over hosts."""
    hosted_output_usd_per_mtok: float | None
    hosts: int
    deploy_vram_gb: float | None
    deploy_precision: str | None
    min_gpus_80gb: int | None
    """Without headroom for long contexts."""
    images: bool
    """Whether it reads them."""
    tools: bool | None
    json_schema: bool | None
    """Whether any host says that answers can be held to a JSON schema; a server of one's own can always do it."""
    json_schema_hosts: str | None
    """How many said so of those looked at: ``4/6``."""
    training_data: str
    """``open``, ``partial`` or ``undisclosed``."""
    training_data_note: str | None
    note: str | None
    unknowns: str | None
    """What was looked for and not found."""
    checked_on: str | None


def candidates_catalog(data_dir: Path = DATA) -> list[OpenModel]:
    """Every open model of the catalog, the core ones first, then the newest.

    Raises BadInput when the file is missing or damaged.
    """
    return sorted(_read(data_dir / "catalog" / "open_models.csv"), key=lambda model: not model.is_core)


def open_model(litellm_id: str, data_dir: Path = DATA) -> OpenModel | None:
    """The open model behind an id, by exact join on its names.

    None when unknown, when two models share the name, or when another organisation than the model's stands before it:
    who tunes weights and keeps their name may give them another licence.
    """
    by_name = _index(data_dir / "catalog" / "open_models.csv")
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
    for model in _read(path):
        # A host's own name joins only as a whole: its product may be another model than the weights of that name.
        spellings = (model.id, model.hf_repo, model.ollama_name)
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
        ollama_name=row["ollama_name"] or None,
        licence=row["licence_id"] or None,
        licence_evidence=row["licence_evidence"],
        is_core=row["tier"] == "core",
        release_date=row["release_date"] or None,
        context_tokens=whole(row["context_tokens"]),
        params_total_b=number(row["params_total_b"]),
        params_active_b=number(row["params_active_b"]),
        hosted_input_usd_per_mtok=number(row["hosted_in_median"]),
        hosted_output_usd_per_mtok=number(row["hosted_out_median"]),
        hosts=whole(row["hosted_providers_n"]) or 0,
        deploy_vram_gb=number(row["deploy_vram_gb"]),
        deploy_precision=row["deploy_precision"] or None,
        min_gpus_80gb=whole(row["min_gpus_80gb"]),
        images="image" in row["modalities_in"].split("|"),
        tools={"yes": True, "no": False}.get(row["tools"].split(" ")[0].strip(",;")),
        json_schema=True if whole(row["json_schema_hosts"].partition("/")[0]) else None,
        json_schema_hosts=row["json_schema_hosts"] or None,
        training_data=row["training_data"],
        training_data_note=row["training_data_note"] or None,
        note=row["note"] or None,
        unknowns=row["unknowns"] or None,
        checked_on=row["checked_on"] or None,
    )
