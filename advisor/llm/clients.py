"""Which client serves a model, and where its requests go."""

from pathlib import Path
from urllib.parse import urlsplit

from advisor.errors import BadInput
from advisor.llm.client import Client
from advisor.llm.gateway import ID_HINT, split_id
from advisor.types import Model

BUILTIN = "builtin/"
WRITTEN = "written/"
THIS_MACHINE = "this machine"
HOSTS = {
    "anthropic": "api.anthropic.com",
    "gemini": "generativelanguage.googleapis.com",
    "cohere": "api.cohere.com",
    "cohere_chat": "api.cohere.com",
    "bedrock": "AWS Bedrock",
    "azure": "Azure OpenAI",
    "vertex_ai": "Google Vertex AI",
}
"""Providers whose address litellm does not tell."""


def open_client(model: Model, *, data_dir: Path, api_base: str | None = None, through_litellm: bool = False) -> Client:
    """A client for ``model``.

    ``api_base`` goes before the model's own: the running server of the built-in model. ``through_litellm`` pins a
    model to litellm's own transmission.

    Raises BadInput for an unknown provider or model id, a missing address, or a key that is not set; ModelUnavailable
    when the written answers are missing.
    """
    from advisor.llm.direct import DirectClient
    from advisor.llm.endpoint import DIRECT, resolve

    check_model(model)
    if model.litellm_id.startswith(WRITTEN):
        from advisor.llm.written import FILE, WrittenClient

        return WrittenClient(data_dir / FILE)
    base = api_base or model.api_base
    if model.litellm_id.startswith(BUILTIN):
        from advisor.llm.builtin import builtin_endpoint

        if base is None:
            raise BadInput("The built-in model is served while a run lasts; give the address of its running server.")
        return DirectClient(builtin_endpoint(model, base))
    name, provider, _, _ = split_id(model.litellm_id, base)
    if provider in DIRECT and not through_litellm:
        return DirectClient(resolve(model, provider, base))
    return _through_litellm(model, name, provider, base)


def _through_litellm(model: Model, name: str, provider: str, base: str | None) -> Client:
    from advisor.llm.endpoint import DIRECT
    from advisor.llm.indirect import LitellmClient
    from advisor.llm.keys import find_credentials, find_key

    if provider in DIRECT:
        # Given even where no key is needed: left out, litellm would send the key of the environment.
        credentials = {"api_key": find_key(model, provider) or "none"}
    else:
        credentials = find_credentials(model, provider)
    return LitellmClient(model, name, provider, credentials=credentials, api_base=base)


def check_model(model: Model) -> None:
    """Whether a model can be registered; its key is looked for only when a client is opened.

    Raises BadInput for an id that cannot be, an unknown provider, or an API base that is no address.
    """
    from advisor.llm.builtin import BUILTIN_ID

    if model.litellm_id.startswith(BUILTIN) and model.litellm_id != BUILTIN_ID:
        raise BadInput(f"There is no built-in model {model.litellm_id!r}; the one there is is {BUILTIN_ID}.")
    if model.api_base is not None:
        parts = urlsplit(model.api_base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"The API base {model.api_base!r} is not an address like https://host/v1.")
        if parts.username or parts.password:
            raise BadInput("The API base holds a password; give the key by the name of an environment variable.")
    if is_local(model):
        return
    if "/" not in model.litellm_id and model.api_base:
        raise BadInput(f"{model.litellm_id!r} names no provider. For a server of your own: openai/{model.litellm_id}.")
    if not model.litellm_id.strip():
        raise BadInput(f"The model id is empty. {ID_HINT}")
    split_id(model.litellm_id, model.api_base)


def is_local(model: Model) -> bool:
    """Whether nothing leaves this machine: the built-in model and written answers."""
    return model.litellm_id.startswith((BUILTIN, WRITTEN))


def host_of(model: Model) -> str:
    """Where requests go, in words for a person: ``api.openai.com``, ``this machine``."""
    if is_local(model):
        return THIS_MACHINE
    if model.api_base:
        return urlsplit(model.api_base).netloc or model.api_base
    provider = model.litellm_id.partition("/")[0]
    if provider in HOSTS:
        return HOSTS[provider]
    from advisor.llm.endpoint import BASES

    _, provider, _, base = split_id(model.litellm_id)
    address = base or BASES.get(provider)
    return urlsplit(address).netloc if address else HOSTS.get(provider, provider)
