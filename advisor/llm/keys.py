"""Which key goes to which model: looked up by name when a client is opened, kept nowhere else."""

from advisor.errors import BadInput
from advisor.llm.gateway import missing_variables
from advisor.settings import secret
from advisor.types import OWN_SERVERS, WITHIN, Model

NAMES = {
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "nvidia_nim": ("NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"),
}
"""Where the variable is not called PROVIDER_API_KEY."""
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
NO_KEY = "none"
"""Sent where there is no key: left out, litellm would send the key of the environment."""


def key_names(provider: str) -> tuple[str, ...]:
    """Names of the environment variables that may hold a provider's key, the usual one first."""
    return NAMES.get(provider, (f"{provider.upper()}_API_KEY",))


def expected_names(model: Model) -> tuple[str, ...] | None:
    """Names of the variables that may hold a model's key, the usual one first; empty where none is needed.

    None where only a call can tell: clouds with other credentials, and ids without a provider.
    """
    if model.key_env:
        return (model.key_env,)
    provider, slash, _ = model.plain_id.partition("/")
    if model.api_base or provider in KEYLESS | WITHIN:
        return ()
    return None if provider in OWN_CREDENTIALS or not slash else key_names(provider)


def find_key(model: Model, provider: str, known: str | None = None) -> str | None:
    """The key for a model; None where none is needed.

    The variable that the model names wins. A model with an API base of its own gets no other key, so that a
    provider's key never goes to somebody else's server. ``known`` is a key that litellm found itself.

    Raises BadInput, with the variable's name, for a key that is needed and not set.
    """
    if model.key_env:
        key = secret(model.key_env)
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
        raise BadInput(f"{model.litellm_id} cannot be used with an API base of its own: leave the API base out.")
    if model.api_base and not model.key_env and provider in OWN_ADDRESS:
        raise BadInput(
            f"{model.litellm_id} has an API base of its own, which gets no key that it does not name: give the name of "
            "the environment variable that holds its key with --key-env."
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
        f"{model.litellm_id} needs a key that is not set: put it into the environment variable {listed} (or into "
        ".streamlit/secrets.toml), or name another variable with --key-env."
    )
