"""Finding out what a model can do, once, before it is paid for."""

import asyncio
from pathlib import Path

from advisor.errors import BadInput
from advisor.llm.client import open_client
from advisor.llm.probe import probe
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.types import Model, Probe


def probe_model(store: Store, model: Model, data_dir: Path, builtin_base: str | None) -> Probe:
    """Talk to a model shortly, keep and return what it can do. Never raises for a model that does not answer.

    ``builtin_base`` is the address of the running server of the built-in model.
    """
    try:
        result = asyncio.run(_probe(model, data_dir, builtin_base))
    except BadInput as error:
        result = Probe(reachable=False, detail=str(error))
    if model.id is not None:
        set_probe(store, model.id, result)
    return result


async def _probe(model: Model, data_dir: Path, builtin_base: str | None) -> Probe:
    base = builtin_base if model.is_builtin else None
    client = open_client(model, data_dir=data_dir, api_base=base)
    try:
        return await probe(model, client)
    finally:
        await client.close()
