"""Which client serves a model, and where its requests go."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from advisor.errors import BadInput
from advisor.llm.client import Client
from advisor.llm.gateway import ID_HINT, split_id
from advisor.types import PINNED, Model

BUILTIN = "builtin/"
WRITTEN = "written/"
THIS_MACHINE = "this machine"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
HOSTS = {
    "ai21": "api.ai21.com",
    "ai21_chat": "api.ai21.com",
    "anthropic": "api.anthropic.com",
    "azure": "Azure OpenAI",
    "baseten": "inference.baseten.co",
    "bedrock": "AWS Bedrock",
    "cerebras": "api.cerebras.ai",
    "codestral": "codestral.mistral.ai",
    "cohere": "api.cohere.com",
    "cohere_chat": "api.cohere.com",
    "dashscope": "dashscope.aliyuncs.com",
    "deepinfra": "api.deepinfra.com",
    "deepseek": "api.deepseek.com",
    "featherless_ai": "api.featherless.ai",
    "fireworks_ai": "api.fireworks.ai",
    "friendliai": "api.friendli.ai",
    "gemini": "generativelanguage.googleapis.com",
    "github": "models.inference.ai.azure.com",
    "groq": "api.groq.com",
    "hyperbolic": "api.hyperbolic.xyz",
    "lambda_ai": "api.lambda.ai",
    "llamafile": THIS_MACHINE,
    "meta_llama": "api.llama.com",
    "mistral": "api.mistral.ai",
    "moonshot": "api.moonshot.ai",
    "nebius": "api.studio.nebius.ai",
    "novita": "api.novita.ai",
    "nscale": "inference.api.nscale.com",
    "nvidia_nim": "integrate.api.nvidia.com",
    "ollama": THIS_MACHINE,
    "ollama_chat": THIS_MACHINE,
    "openai": "api.openai.com",
    "openrouter": "openrouter.ai",
    "perplexity": "api.perplexity.ai",
    "together_ai": "api.together.ai",
    "vertex_ai": "Google Vertex AI",
    "xai": "api.x.ai",
    "zai": "api.z.ai",
}
"""litellm's addresses, so that a person can be told them without loading it."""


def open_client(model: Model, *, data_dir: Path, api_base: str | None = None, in_flight: int = 1) -> Client:
    """A client for ``model`` that is asked ``in_flight`` calls at a time.

    ``api_base`` goes before the model's own: the running server of the built-in model. What goes through litellm does
    so in other processes, except one call at a time.

    Raises BadInput for an unknown provider or model id, a missing address, or a key that is not set; ModelUnavailable
    when the written answers are missing.
    """
    from advisor.llm.direct import DirectClient
    from advisor.llm.endpoint import DIRECT, resolve
    from advisor.llm.indirect import litellm_client
    from advisor.llm.remote import RemoteClient

    model = replace(model, api_base=api_base or model.api_base)
    check_model(model)
    if model.litellm_id.startswith(WRITTEN):
        from advisor.llm.written import FILE, WrittenClient

        return WrittenClient(data_dir / FILE)
    if model.litellm_id.startswith(BUILTIN):
        from advisor.llm.builtin import builtin_endpoint

        if model.api_base is None:
            raise BadInput("The built-in model is served while a run lasts; give the address of its running server.")
        return DirectClient(builtin_endpoint(model, model.api_base))
    is_pinned = model.litellm_id.startswith(PINNED)
    model = replace(model, litellm_id=model.plain_id)
    _, provider, _, _ = split_id(model.litellm_id, model.api_base)
    if provider in DIRECT and not is_pinned:
        return DirectClient(resolve(model, provider))
    here = litellm_client(model)
    return here if in_flight == 1 else RemoteClient(model, in_flight=in_flight)


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
    litellm_id = model.plain_id
    if "/" not in litellm_id and model.api_base:
        raise BadInput(f"{litellm_id!r} names no provider. For a server of your own: openai/{litellm_id}.")
    if not litellm_id.strip():
        raise BadInput(f"The model id is empty. {ID_HINT}")
    split_id(litellm_id, model.api_base)


def is_local(model: Model) -> bool:
    """Whether nothing leaves this machine: the built-in model and written answers."""
    return model.litellm_id.startswith((BUILTIN, WRITTEN))


def host_of(model: Model) -> str:
    """Where requests go, in words for a person: ``api.openai.com``, ``this machine``, ``the provider sagemaker``."""
    if is_local(model):
        return THIS_MACHINE
    if model.api_base:
        host = urlsplit(model.api_base).hostname or model.api_base
        return THIS_MACHINE if host in LOOPBACK else host
    provider, slash, _ = model.plain_id.partition("/")
    if not slash:
        return f"the provider of {provider}"
    return HOSTS.get(provider, f"the provider {provider}")
