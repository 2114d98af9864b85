"""Which models a server offers, asked through the openai SDK: time is not measured here."""

from urllib.parse import urlsplit

from advisor.errors import AdvisorError
from advisor.llm.addresses import check_resolved
from advisor.llm.endpoint import DIRECT, resolve
from advisor.llm.gateway import split_id
from advisor.types import Model

TIMEOUT_S = 10.0


async def served_models(model: Model) -> list[str]:
    """Ids that the server of an OpenAI-compatible model lists; empty where it does not tell."""
    import openai

    _, provider, _, _ = split_id(model.litellm_id, model.api_base)
    if provider not in DIRECT:
        return []
    try:
        endpoint = resolve(model, provider)
        base = endpoint.url.removesuffix("/chat/completions")
        await check_resolved(urlsplit(base).hostname or "")
        async with openai.AsyncOpenAI(
            base_url=base, api_key=endpoint.key or "none", max_retries=0, timeout=TIMEOUT_S
        ) as sdk:
            return sorted(endpoint.mask.text(offered.id) for offered in (await sdk.models.list()).data)
    except (openai.OpenAIError, AdvisorError, ValueError, TypeError, AttributeError):
        return []
