"""How open models are started: the flags of each server as documented, and what vLLM's recipes say of a model."""

import functools
import json
import shlex
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.errors import BadInput
from advisor.settings import DATA


class Server(StrEnum):
    """What can serve a model."""

    VLLM = "vllm"
    SGLANG = "sglang"
    LLAMA_CPP = "llama.cpp"
    OLLAMA = "ollama"


class Documented(NamedTuple):
    """What a server takes, in the version that was looked at."""

    version: str
    checked_on: str
    source: str
    flags: list[str]
    tool_parsers: Mapping[str, str]
    """vLLM's name of a parser -> this server's."""
    reasoning_parsers: Mapping[str, str]


class Recipe(NamedTuple):
    """How a model is started."""

    vllm: tuple[str, ...]
    """Flags for GPUs of 80 GB, without the repository."""
    ollama: str | None
    """Its name in Ollama's library; None: not known to be there."""


@functools.cache
def documented() -> Mapping[Server, Documented]:
    """Every server. Raises BadInput when the file is missing or damaged."""
    path = DATA / "catalog" / "server_flags.json"
    try:
        return {Server(name): Documented(**each) for name, each in json.loads(path.read_text("utf-8")).items()}
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"{path.name} can't be read: {error}. Restore it from the repository.") from error


def recipe_of(model_id: str) -> Recipe:
    """The recipe of an open model of the catalog. Raises BadInput when the file is missing or damaged."""
    return _recipes()[model_id]


@functools.cache
def _recipes() -> dict[str, Recipe]:
    def recipe(row: dict[str, str]) -> tuple[str, Recipe]:
        flags = shlex.split(row["serve_vllm"])[3:]  # after `vllm serve REPOSITORY`
        return row["model_id"], Recipe(tuple(flags), row["ollama_name"] or None)

    return dict(read_rows(DATA / "catalog" / "open_models.csv", recipe))
