"""Where a model's requests go, and which addresses may be called: the one rule for API bases and for the webhook."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from advisor.errors import BadInput
from advisor.settings import allowed_addresses
from advisor.types import LOOPBACK, OWN_SERVERS, Model

THIS_MACHINE = "this machine"
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
API_BASES = {
    "cerebras": "https://api.cerebras.ai/v1",
    "deepinfra": "https://api.deepinfra.com/v1/openai",
    "deepseek": "https://api.deepseek.com/beta",
    "fireworks_ai": "https://api.fireworks.ai/inference/v1",
    "groq": "https://api.groq.com/openai/v1",
    "hyperbolic": "https://api.hyperbolic.xyz/v1",
    "mistral": "https://api.mistral.ai/v1",
    "moonshot": "https://api.moonshot.ai/v1",
    "nebius": "https://api.studio.nebius.ai/v1",
    "novita": "https://api.novita.ai/v3/openai",
    "nvidia_nim": "https://integrate.api.nvidia.com/v1",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "together_ai": "https://api.together.ai/v1",
    "xai": "https://api.x.ai/v1",
}
"""Where providers speak OpenAI's API, as litellm knows it too."""
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
ADDRESS = re.compile(
    r"https?://(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?(/[^?#\\\s]*)?", re.ASCII | re.IGNORECASE
)
METADATA_NAMES = ("metadata.google.internal", "metadata", "instance-data")
FORBIDDEN = tuple(
    map(
        ipaddress.ip_network,
        ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "fd20:ce::/32", "100.100.100.200/32", "168.63.129.16/32"),
    )
)
"""Link-local networks, and where clouds give a machine its credentials. Other private networks hold teams' servers."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def host_of(model: Model) -> str:
    """Where requests go, in words for a person: ``api.openai.com``, ``this machine``, ``the provider sagemaker``."""
    if model.is_local:
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


def is_own_server(provider: str, api_base: str | None) -> bool:
    """Whether calls go to a server of one's own, and to no provider that is known here."""
    host = urlsplit(api_base or "").hostname
    if provider in OWN_SERVERS or host is None:
        return provider in OWN_SERVERS
    return not any(is_host_of(known, host) for known in (*HOSTS, *MORE_HOSTS))


def check_address(url: str) -> None:
    """Whether a model may be asked at ``url``: http(s)://HOST[:PORT][/PATH], and as :func:`check_host`.

    Raises BadInput.
    """
    match = ADDRESS.fullmatch(url)
    if match is None:
        raise BadInput("The API base must look like https://host/v1, without a password, ? or #.")
    check_host(match["host"].strip("[]"))


def check_host(host: str) -> None:
    """Whether a host may be called, by what it spells.

    Raises BadInput for a link-local or metadata address that ``ADVISOR_ALLOW_ADDRESSES`` doesn't list.
    """
    host = host.lower()
    address = _literal(host.rstrip("."))
    if address is not None:
        check_found(host, [str(address)])
    elif host.rstrip(".") in METADATA_NAMES and host not in allowed_addresses():
        raise _refused(host)


async def check_resolved(host: str) -> None:
    """As :func:`check_host`, by what the host stands for now. One that can't be looked up fails in the call itself."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return
    check_found(host.lower(), (str(address[0]) for *_, address in found))


def check_found(host: str, found: Iterable[str]) -> None:
    """As :func:`check_host`, for the IP addresses that a host was found to have."""
    allowed = allowed_addresses()
    if host in allowed:
        return
    for each in found:
        address = _plain(ipaddress.ip_address(each.partition("%")[0]))
        if any(address in network for network in FORBIDDEN) and not _is_listed(address, allowed):
            raise _refused(host)


def _literal(host: str) -> IpAddress | None:
    """The address that a host spells, in any way that the system's resolver understands: 0xA9FEA9FE, 0251.254 ..."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if re.fullmatch(r"[0-9a-fx.]+", host) else None
    except OSError:
        return None


def _plain(address: IpAddress) -> IpAddress:
    """The IPv4 address within an IPv6 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_listed(address: IpAddress, allowed: Iterable[str]) -> bool:
    for entry in allowed:
        try:
            if address in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return False


def _refused(host: str) -> BadInput:
    return BadInput(
        f"{host} is a link-local or cloud metadata address, which isn't called. If a model is served there, list the "
        "host in ADVISOR_ALLOW_ADDRESSES."
    )
