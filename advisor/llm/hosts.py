"""Where a model's requests go."""

from urllib.parse import urlsplit

from advisor.types import Model

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
    "vercel_ai_gateway": "ai-gateway.vercel.sh",
    "vertex_ai": "Google Vertex AI",
    "wandb": "api.inference.wandb.ai",
    "xai": "api.x.ai",
    "zai": "api.z.ai",
}
"""litellm's addresses, so that a person can be told them without loading it."""
MORE_HOSTS = {
    "azure": ("openai.azure.com", "cognitiveservices.azure.com"),
    "azure_ai": ("services.ai.azure.com", "models.ai.azure.com", "cognitiveservices.azure.com", "openai.azure.com"),
    "cohere": ("api.cohere.ai",),
    "dashscope": ("dashscope-intl.aliyuncs.com", "dashscope-us.aliyuncs.com"),
    "databricks": ("cloud.databricks.com", "gcp.databricks.com", "azuredatabricks.net"),
    "mistral": ("codestral.mistral.ai",),
    "moonshot": ("api.moonshot.cn",),
    "nebius": ("api.tokenfactory.nebius.com",),
    "snowflake": ("snowflakecomputing.com",),
    "together_ai": ("api.together.xyz",),
    "watsonx": ("ml.cloud.ibm.com",),
}
"""Other addresses of a provider. Each, like those above, counts with its subdomains."""


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


def is_host_of(provider: str, host: str) -> bool:
    """Whether ``host`` is one of a provider's, as far as they are known here."""
    homes = (HOSTS.get(provider), *MORE_HOSTS.get(provider, ()))
    return any(home and (host == home or host.endswith(f".{home}")) for home in homes)
