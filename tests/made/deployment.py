"""A decision as routes: a use case that moves to a server of one's own, one that moves to a host, one that stays."""

from advisor.types import Condition, Message, Move, Phase, Prices
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


def move(use_case: str, shares: tuple[float, ...]) -> Move:
    """With a limit for quality, failed calls and latency in each step."""
    baseline = TODAY.name
    exits = (
        Message.of(Condition.QUALITY, baseline=baseline, margin=0.05, calls=628),
        Message.of(Condition.ERRORS, limit=0.02),
        Message.of(Condition.LATENCY, limit=3.0),
    )
    back = Message.of(Condition.ROLLBACK, baseline=baseline, errors=0.05, faults=0.05, margin=0.05)
    last = Message.of(Condition.FALLBACK, baseline=baseline, until=None)
    phases = [
        Phase(
            traffic_share=share,
            least_days=14 if share == 1 else 7,
            days=9,
            calls=628,
            entry=(),
            exit=(*exits, last) if share == 1 else exits,
            rollback=back if share else Message.of(Condition.SHADOW_ROLLBACK, baseline=baseline),
        )
        for share in shares
    ]
    return Move(use_case=use_case, phases=tuple(phases))


DEPLOYMENT = Deployment(
    study="Help desk",
    routes=(
        Route(
            use_case="Ticket triage",
            alias="ticket-triage",
            today=TODAY,
            ramp=Ramp(
                target=OWN,
                shares=(0.0, 0.05, 0.25, 1.0),
                mirrored=0.05,
                latency_p95_s=1.9,
                usd_a_month=570.0,
                kept=0.1,
                move=move("Ticket triage", (0.0, 0.05, 0.25, 1.0)),
            ),
        ),
        Route(
            use_case="Thread summary",
            alias="thread-summary",
            today=TODAY,
            ramp=Ramp(
                target=HOSTED,
                shares=(0.0, 0.25, 1.0),
                mirrored=0.25,
                usd_a_month=120.0,
                move=move("Thread summary", (0.0, 0.25, 1.0)),
            ),
        ),
        Route(use_case="Agent actions", alias="agent-actions", today=TODAY),
    ),
    gaps=(Message.of(Gap.NO_PROVIDER, use_case="Old bot", model="acme-1"),),
)
