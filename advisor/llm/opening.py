"""Which client asks a model: directly where its API speaks OpenAI's language, else through litellm."""

import re
from collections.abc import Iterable
from dataclasses import replace

from advisor.errors import BadInput
from advisor.llm.client import Client
from advisor.llm.endpoint import DIRECT, is_plain, resolve
from advisor.llm.gateway import ID_HINT, load, split_id
from advisor.llm.hosts import HOSTS, check_address
from advisor.llm.keys import check_key
from advisor.settings import DATA
from advisor.types import PINNED, WRITTEN, Model, Role

ELSEWHERE = re.compile(r"(\w*_)?(base|url|endpoint)|api_key|custom_llm_provider|fallbacks|model_list", re.IGNORECASE)
"""Parameters by which litellm would send a call, and its key, to another address."""


def open_client(model: Model, *, api_base: str | None = None, in_flight: int = 1) -> Client:
    """A client for ``model`` that is asked ``in_flight`` calls at a time.

    ``api_base`` goes before the model's own: the running server of the built-in model. What goes through litellm does
    so in other processes, except one call at a time.

    Raises BadInput for an unknown provider or model id, a missing address, or a key that is not set; ModelUnavailable
    when the written answers are missing.
    """
    from advisor.llm.direct import DirectClient
    from advisor.llm.indirect import litellm_client
    from advisor.llm.remote import RemoteClient

    model = replace(model, api_base=api_base or model.api_base)
    check_model(model)
    if model.litellm_id.startswith(WRITTEN):
        from advisor.llm.written import FILE, WrittenClient
        from advisor.llm.written_judge import WrittenJudge

        if model.role is Role.JUDGE:
            return WrittenJudge(DATA / FILE.parent, model.litellm_id)
        return WrittenClient(DATA / FILE)
    if model.is_builtin:
        from advisor.llm.builtin import builtin_endpoint

        if model.api_base is None:
            raise BadInput("The built-in model is only served during a run. Give the address of its running server.")
        return DirectClient(builtin_endpoint(model, model.api_base))
    is_pinned = model.litellm_id.startswith(PINNED)
    model = replace(model, litellm_id=model.plain_id)
    _, provider, _, _ = split_id(model.litellm_id, model.api_base)
    if provider in DIRECT and not is_pinned:
        return DirectClient(resolve(model, provider))
    here = litellm_client(model)
    return here if in_flight == 1 else RemoteClient(model, in_flight=in_flight)


def get_ready(models: Iterable[Model]) -> None:
    """Import what clients of these models need, which takes seconds: to be done before anything is timed."""
    if not all(model.is_local or is_plain(model) for model in models):
        load()


def check_model(model: Model) -> None:
    """Whether a model can be registered; its key is looked for only when a client is opened.

    Raises BadInput for an id that cannot be, an unknown provider, an address that may not be called or a variable that
    may not hold a key; UnconfirmedKey for a key that may not go there yet.
    """
    from advisor.llm.builtin import BUILTIN_ID

    if model.is_builtin and model.litellm_id != BUILTIN_ID:
        raise BadInput(f"Unknown built-in model {model.litellm_id!r}. Use {BUILTIN_ID}.")
    if "://" in model.litellm_id:  # litellm would call it, unchecked
        raise BadInput("A model id can't contain an address. Give the address as API base (--api-base).")
    if model.api_base is not None:
        check_address(model.api_base)
    for param in model.params:
        if ELSEWHERE.fullmatch(param):
            raise BadInput(f"{param!r} can't be a parameter. Set the address and the key's variable separately.")
    if model.is_local:
        return
    litellm_id = model.plain_id
    if "/" not in litellm_id and model.api_base:
        raise BadInput(f"{litellm_id!r} names no provider. If you self-host: openai/{litellm_id}.")
    if not litellm_id.strip():
        raise BadInput(f"The model id is empty. {ID_HINT}")
    provider, _, name = litellm_id.partition("/")
    if not name or provider not in DIRECT | HOSTS.keys():  # which are known without litellm
        split_id(litellm_id, model.api_base)
    check_key(model)
