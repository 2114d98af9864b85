"""A decision as routes: a use case that moves to a server of one's own, one that moves to a host, one that stays."""

from advisor.types import Message, Prices
from advisor.types.deployment import Deployment, Gap, Ramp, Route, Upstream

TODAY = Upstream(
    name="gpt-4o-2024-08-06",
    litellm_id="openai/gpt-4o-2024-08-06",
    key_env="OPENAI_API_KEY",
    openrouter="openai/gpt-4o-2024-08-06",
)
OWN = Upstream(
    name="Qwen3 32B",
    litellm_id="hosted_vllm/Qwen/Qwen3-32B",
    api_base="https://llm.example.com/v1",
    key_env="VLLM_API_KEY",
    params={"temperature": 0, "extra_body": {"chat_template_kwargs": {"enable_thinking": False}}},
    prices=Prices(input=0.1, output=0.4),
    is_own=True,
)
HOSTED = Upstream(
    name="gpt-oss 20B",
    litellm_id="together_ai/openai/gpt-oss-20b",
    key_env="TOGETHERAI_API_KEY",
    openrouter="openai/gpt-oss-20b",
)
DEPLOYMENT = Deployment(
    study="Help desk",
    routes=(
        Route(
            use_case="Ticket triage",
            alias="ticket-triage",
            today=TODAY,
            ramp=Ramp(
                target=OWN, shares=(0.0, 0.05, 0.25, 1.0), mirrored=0.05, latency_p95_s=1.9, usd_a_month=570.0, kept=0.1
            ),
        ),
        Route(
            use_case="Thread summary",
            alias="thread-summary",
            today=TODAY,
            ramp=Ramp(target=HOSTED, shares=(0.0, 0.25, 1.0), mirrored=0.25, usd_a_month=120.0),
        ),
        Route(use_case="Agent actions", alias="agent-actions", today=TODAY),
    ),
    gaps=(Message.of(Gap.NO_PROVIDER, use_case="Old bot", model="acme-1"),),
)
