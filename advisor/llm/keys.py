"""Which key goes to which model: looked up by name when a client is opened, kept nowhere else."""

import re
from collections.abc import Collection
from dataclasses import replace

from advisor.errors import BadInput, UnconfirmedKey
from advisor.llm.gateway import missing_variables, split_id
from advisor.llm.hosts import HOSTS, MORE_HOSTS, THIS_MACHINE, host_of, is_host_of
from advisor.llm.masking import Mask
from advisor.settings import listed_key_names, secret, secrets_named
from advisor.types import OWN_SERVERS, WITHIN, AnyModel, Model

NAMES = {
    "ai21_chat": ("AI21_API_KEY",),
    "azure": ("AZURE_API_KEY", "AZURE_OPENAI_API_KEY"),
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "cohere_chat": ("COHERE_API_KEY", "CO_API_KEY"),
    "featherless_ai": ("FEATHERLESS_AI_API_KEY", "FEATHERLESS_API_KEY"),
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"),
    "friendliai": ("FRIENDLIAI_API_KEY", "FRIENDLI_TOKEN"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "huggingface": ("HUGGINGFACE_API_KEY", "HF_TOKEN"),
    "lambda_ai": ("LAMBDA_API_KEY", "LAMBDA_AI_API_KEY"),
    "meta_llama": ("LLAMA_API_KEY", "META_LLAMA_API_KEY"),
    "mistral": ("MISTRAL_API_KEY", "MISTRAL_AZURE_API_KEY"),
    "nvidia_nim": ("NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY"),
    "openrouter": ("OPENROUTER_API_KEY", "OR_API_KEY"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "replicate": ("REPLICATE_API_KEY", "REPLICATE_API_TOKEN"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_AI_TOKEN"),
    "vercel_ai_gateway": ("VERCEL_AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"),
}
"""Where the variable isn't called PROVIDER_API_KEY, or not only."""
PROVIDERS_OWN = frozenset(name for names in NAMES.values() for name in names)
SENT_BY_LITELLM = {"anthropic": ("ANTHROPIC_AUTH_TOKEN",)}
"""Found and sent by litellm itself, in another header than a key."""
SECRET = re.compile("auth|cookie|credential|key|password|secret|token", re.IGNORECASE)
"""Names of headers and arguments with a secret value."""
SCHEME = re.compile(r"(basic|bearer|token)\s+", re.IGNORECASE)
"""What a server may leave out when it repeats a token."""
MASKED = frozenset(
    {
        "AICORE_CLIENT_SECRET",
        "ANTHROPIC_AUTH_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AZURE_AD_TOKEN",
        "AZURE_CLIENT_SECRET",
        "AZURE_PASSWORD",
        "DATABRICKS_CLIENT_SECRET",
        "DATABRICKS_TOKEN",
        "DATAROBOT_API_TOKEN",
        "GIGACHAT_ACCESS_TOKEN",
        "GIGACHAT_CREDENTIALS",
        "GITHUB_TOKEN",
        "GOOGLE_CLIENT_SECRET",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
        "HUGGINGFACEHUB_API_TOKEN",
        "HUGGING_FACE_HUB_TOKEN",
        "SCW_SECRET_KEY",
        "SNOWFLAKE_JWT",
        "SNOWFLAKE_PASSWORD",
        "WATSONX_APIKEY",
        "WATSONX_TOKEN",
        "WATSONX_ZENAPIKEY",
    }
)
"""Other secrets that a provider may repeat: masked, although no model may name them as its key."""
USUAL = re.compile(r"[A-Za-z]\w*_API_KEY", re.ASCII)
NEVER = re.compile(
    r"(ADVISOR|STREAMLIT|POSTGRES|LD)_\w*|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|PGPASSWORD|HOME|USER|SHELL"
    r"|(\w*_)?(DATABASE_URL|PATH|PWD)",
    re.ASCII | re.IGNORECASE,
)
"""The product's own variables and the system's, which hold no model's key even where they are listed."""
KEYLESS = OWN_SERVERS - {"litellm_proxy"}
"""A key only if the model names one."""
OWN_CREDENTIALS = frozenset(
    {"bedrock", "bedrock_converse", "sagemaker", "sagemaker_chat", "vertex_ai", "vertex_ai_beta"}
)
"""Clouds that also take credentials from a profile or the machine: only the call itself can tell."""
OWN_ADDRESS = frozenset(
    {
        "azure",
        "azure_ai",
        "azure_text",
        "bedrock",
        "databricks",
        "snowflake",
        "watsonx",
        "watsonx_text",
    }
)
"""Where an address of one's own is the usual case, and a call without a key cannot work."""
MACHINE_TOKEN = frozenset(
    {"gdc", "gigachat", "sagemaker", "sagemaker_chat", "sagemaker_nova", "vertex_ai", "vertex_ai_beta"}
)
"""litellm sends these a token of the environment or the machine even beside a key."""
HEADERS = ("extra_headers", "headers")
"""Parameters that hold a model's own headers."""
NO_KEY = "none"
"""Sent where no key is set: left out, litellm would send the key of the environment."""


def key_names(provider: str) -> tuple[str, ...]:
    """Names of the environment variables that may hold a provider's key, the usual one first."""
    return NAMES.get(provider, (f"{provider.upper()}_API_KEY",))


def is_key_name(name: str) -> bool:
    """Whether a variable may hold a model's key: ``*_API_KEY``, a provider's own, those in ``ADVISOR_KEY_NAMES``."""
    return _is_key_name(name, listed_key_names())


def _is_key_name(name: str, listed: Collection[str]) -> bool:
    return not NEVER.fullmatch(name) and bool(USUAL.fullmatch(name) or name in PROVIDERS_OWN or name in listed)


def key_value(name: str) -> str | None:
    """The value of a variable that may hold a key; None where it is not set, or may hold none."""
    is_found = any(name in names for names in SENT_BY_LITELLM.values())
    return secret(name) if is_found or is_key_name(name) else None


def mask_for(model: Model | None = None, *keys: str | None) -> Mask:
    """What hides every key and cloud secret that is set, these ``keys``, and a model's secret headers."""
    listed = listed_key_names()
    known = secrets_named(lambda name: name in MASKED or _is_key_name(name, listed))
    for param in HEADERS:
        headers = model.params.get(param) if model else None
        for name, value in headers.items() if isinstance(headers, dict) else ():
            if SECRET.search(name):
                known += [str(value), SCHEME.sub("", str(value))]
    return Mask([*known, *filter(None, keys)])


def confirm_key(model: AnyModel) -> AnyModel:
    """The model with a person's word that its key may go where its calls go."""
    return replace(model, confirmed_key=_confirmation(model)) if model.key_env else model


def check_key(model: Model) -> None:
    """Whether the key that a model names may go where its calls go.

    A provider's usual variable goes to that provider, another variable to any provider that is known, both to this
    machine.

    Raises BadInput for a variable that may not hold a key, and UnconfirmedKey for another host, unless
    :func:`confirm_key` was called for exactly this variable and host.
    """
    if model.key_env is None:
        return
    if not is_key_name(model.key_env):  # not named here: somebody may have pasted the key itself
        raise BadInput(
            f"The key variable of {model.name!r} isn't allowed. Use the provider's usual one, such as OPENAI_API_KEY, "
            "a name that ends in _API_KEY, or one listed in ADVISOR_KEY_NAMES."
        )
    host = host_of(model)
    if model.is_local or host == THIS_MACHINE or model.confirmed_key == _confirmation(model):
        return
    if not _is_at_home(model.key_env, model, host):
        raise UnconfirmedKey(model.key_env, host)


def _is_at_home(name: str, model: Model, host: str) -> bool:
    """Whether the host is that of the provider that the variable is usual for, or of any if it is usual for none."""
    known = {*HOSTS, *MORE_HOSTS}
    owners = {provider for provider in {*known, *NAMES} if name in key_names(provider)}
    if not model.api_base:
        provider, slash, _ = model.plain_id.partition("/")
        provider = provider if slash else split_id(model.plain_id)[1]
        if not owners or name in key_names(provider):
            return True
    return any(is_host_of(provider, host) for provider in owners or known)


def _confirmation(model: Model) -> str:
    return f"{model.key_env} at {host_of(model)}"


def expected_names(model: Model) -> tuple[str, ...] | None:
    """Names of the variables that may hold a model's key, the usual one first; empty where none is needed.

    None where only a call can tell: clouds with other credentials, ids without a provider, and providers with
    variables that aren't listed here.
    """
    if model.key_env:
        return (model.key_env,)
    provider, slash, _ = model.plain_id.partition("/")
    if model.api_base or provider in KEYLESS | WITHIN:
        return ()
    if not slash or provider in OWN_CREDENTIALS or provider not in {*HOSTS, *NAMES}:
        return None
    return (*key_names(provider), *SENT_BY_LITELLM.get(provider, ()))


def find_key(model: Model, provider: str, known: str | None = None) -> str | None:
    """The key for a model; None where none is needed.

    The variable that the model names wins. A model with an API base of its own gets no other key, so that a
    provider's key never goes to somebody else's server. ``known`` is a key that litellm found itself.

    Raises BadInput, with the variable's name, for a key that is needed and not set; else as :func:`check_key`.
    """
    check_key(model)
    if model.key_env:
        key = key_value(model.key_env)
        if key is None:
            raise BadInput(
                f"The key of {model.name!r} is not set: put it into the environment variable {model.key_env}, "
                "or into .streamlit/secrets.toml under that name."
            )
        return key
    if model.api_base or provider in KEYLESS:
        return None
    found = next(filter(None, map(secret, key_names(provider))), None) or known
    if found is None:
        raise _unset(model, list(key_names(provider)[:1]))
    return found


def find_credentials(model: Model, provider: str) -> dict[str, str]:
    """Keyword arguments with credentials for litellm; as :func:`find_key` for providers that need more than a key."""
    if model.api_base and provider in MACHINE_TOKEN:
        raise BadInput(f"{model.litellm_id} can't have its own API base. Leave it out.")
    if model.api_base and not model.key_env and provider in OWN_ADDRESS:
        raise BadInput(
            f"{model.litellm_id} has its own API base, which only gets a key named for it. Give the name of "
            "the key's environment variable with --key-env."
        )
    if model.key_env or model.api_base:
        return {"api_key": find_key(model, provider) or NO_KEY}
    key = next(filter(None, map(secret, key_names(provider))), None)
    found = {"api_key": key} if key else {}
    if found and provider != "azure":
        return found
    missing = []
    for name in missing_variables(model.litellm_id):
        value = secret(name)
        if value:
            found[_argument(name)] = value
        elif _argument(name) not in found:
            missing.append(name)
    if missing and provider not in OWN_CREDENTIALS | KEYLESS:
        raise _unset(model, missing)
    return found


def _argument(variable: str) -> str:
    for argument in ("api_key", "api_base", "api_version"):
        if variable.endswith(f"_{argument.upper()}"):
            return argument
    return variable.lower()


def _unset(model: Model, names: list[str]) -> BadInput:
    listed = ", ".join(names)
    return BadInput(
        f"{listed} isn't set, the key of {model.litellm_id}. Set it where the advisor runs or in "
        ".streamlit/secrets.toml, or name another variable."
    )
