"""The only reader of the environment. Keys are looked up by name when a call needs them and never kept."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

from advisor.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
"""Catalog files and the sample log."""
SECRETS = ROOT / ".streamlit" / "secrets.toml"
PRIVATE = 0o077
"""The umask of app and command line: databases, uploads and exports hold prompts, so only their owner may read them."""


def database_url() -> str:
    """The store's, for SQLAlchemy: ``ADVISOR_DATABASE_URL``; the default is data/advisor.db beside the catalog."""
    return secret("ADVISOR_DATABASE_URL") or f"sqlite:///{DATA / 'advisor.db'}"


def secret(name: str) -> str | None:
    """The value called ``name`` from the environment, else from the root of .streamlit/secrets.toml, else None.

    Raises BadInput when secrets.toml is not valid TOML.
    """
    value = os.environ.get(name) or _secrets().get(name)
    return value if isinstance(value, str) and value else None


def allowed_emails() -> tuple[str, ...]:
    """Who may sign in: ``ADVISOR_ALLOWED_EMAILS``, separated by commas; in lower case."""
    return tuple(each.casefold() for each in _listed("ADVISOR_ALLOWED_EMAILS"))


def allowed_domains() -> tuple[str, ...]:
    """Whose addresses may sign in: ``ADVISOR_ALLOWED_DOMAINS``, separated by commas; in lower case."""
    return tuple(each.casefold() for each in _listed("ADVISOR_ALLOWED_DOMAINS"))


def is_guarded_elsewhere() -> bool:
    """``ADVISOR_NO_SIGN_IN=yes``: nobody signs in, because a proxy or a private port decides who reaches the app."""
    return (secret("ADVISOR_NO_SIGN_IN") or "").casefold() == "yes"


def log_folders() -> tuple[Path, ...]:
    """The folders of logs that visitors may name a path in: ``ADVISOR_LOG_DIR``, several parted as in ``PATH``."""
    named = (secret("ADVISOR_LOG_DIR") or "").split(os.pathsep)
    return tuple(Path(each).expanduser().resolve() for each in named if each.strip())


def listed_key_names() -> tuple[str, ...]:
    """More variables that may hold a model's key: ``ADVISOR_KEY_NAMES``, separated by commas."""
    return _listed("ADVISOR_KEY_NAMES")


def allowed_addresses() -> tuple[str, ...]:
    """Hosts and networks (CIDR) that may be called although they are link-local: ``ADVISOR_ALLOW_ADDRESSES``."""
    return tuple(entry.lower() for entry in _listed("ADVISOR_ALLOW_ADDRESSES"))


def secrets_named(is_wanted: Callable[[str], bool]) -> list[str]:
    """The values of all names that are wanted, from the environment and secrets.toml."""
    return [value for name in {*os.environ, *_secrets()} if is_wanted(name) and (value := secret(name))]


def _listed(variable: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (secret(variable) or "").split(",") if part.strip())


def _secrets() -> dict[str, object]:
    if not SECRETS.is_file():
        return {}
    try:
        return tomllib.loads(SECRETS.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{SECRETS.name} is not valid TOML ({error}). Compare it with secrets.toml.example.") from None
