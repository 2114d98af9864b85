"""The configuration of gateways in words."""

import shlex
from collections.abc import Sequence

from advisor.text.messages import Words, worded
from advisor.text.names import short_name
from advisor.text.numbers import count, listing, percent, shorten
from advisor.text.plan import why
from advisor.types import Message
from advisor.types.deployment import Deployment, Gap, Route

TITLE = "Gateway configuration"
WHAT = "Sends each use case to its model by an alias, step by step, with today's model as fallback."


def gap_words(gap: Message) -> str:
    """What a file lacks, and what to do about it."""
    return worded(_GAPS, gap)


def holds(deployment: Deployment) -> str:
    """What the archive holds for this decision."""
    moves, stays = len(deployment.moves), len(deployment.routes) - len(deployment.moves)
    if not moves:
        return f"In these files, every step keeps {count(stays, 'use case')} on today's model."
    return f"{count(moves, 'use case')} to move, {stays} on today's model."


def route_words(route: Route, gaps: Sequence[Message]) -> str:
    """Where one alias leads, and why it stays."""
    today, named = short_name(route.today.name), f"`{route.alias}` ({shorten(route.use_case)})"
    if route.ramp is None:
        return f"{named} stays on {today}{_reason(route, gaps)}"
    steps = ", ".join("shadow" if not share else percent(share) for share in route.ramp.shares)
    return f"{named} moves from {today} to {short_name(route.ramp.target.name)}: {steps}."


def _reason(route: Route, gaps: Sequence[Message]) -> str:
    if route.decision is None:
        return "."
    if route.decision.target is None:
        return f": {why(route.decision)}"
    is_missing = any(gap.values.get("use_case") == route.use_case for gap in gaps)
    return ": see Missing." if is_missing else ": the move doesn't pay back."


def readme(
    deployment: Deployment,
    keys: tuple[str, ...],
    unreached: tuple[str, ...],
    client: tuple[str, str],
    *,
    has_openrouter: bool,
) -> str:
    """README.md: what to do in five lines, then where each alias leads and what is missing.

    ``keys``: environment variables with keys, the proxy's own first. ``unreached``: aliases that only LiteLLM reaches.
    ``client``: a client's environment variables, with the gateway's address and its key.
    """
    named, (url, key) = listing([f"`{key}`" for key in keys], most=len(keys)), client
    filled = f"envsubst {shlex.quote(' '.join(f'${{{key}}}' for key in keys[1:]))} < portkey.json"
    missing = [gap_words(gap) for gap in deployment.gaps]
    if unreached:
        missing.append(f"{listing(list(unreached))}: only in the files for LiteLLM, no other gateway has the address.")
    moves = bool(deployment.moves)
    start = "litellm --host 127.0.0.1 --config"
    lines = [
        f"# {shorten(deployment.study)}: gateway configuration",
        "",
        *([] if moves else [_NOTHING_MOVES, ""]),
        f"1. Install LiteLLM's proxy (`pip install 'litellm[proxy]'`, tested with 1.110) and set {named}.",
        f"2. Run `{start} shadow.yaml`: today's models answer{', and new models get copies of some calls' * moves}.",
        f"3. Apply `client.diff` to your client. Set `{url}` there, such as `http://127.0.0.1:4000/v1`, and `{key}`: a "
        "virtual key, not the master key. Make one with `POST /key/generate`, which needs a database (`DATABASE_URL`).",
        (
            "4. As each step passes its criteria, restart with `5.yaml`, `25.yaml`, `100.yaml`; a file back rolls back."
            if moves
            else "4. Keep `shadow.yaml` until a use case moves, then export again."
        ),
        "5. For another gateway, use its file instead (see below).",
        "",
        "## Where each alias leads",
        "",
        *(f"- {route_words(route, deployment.gaps)}" for route in deployment.routes),
        "",
        *(["## Missing", "", *(f"- {each}" for each in missing), ""] if missing else []),
        "## Good to know",
        "",
        "- Files name keys; they hold none.",
        "- The header `x-litellm-model-id` of an answer says which model gave it.",
        *(_OF_MOVES if moves else ["- LiteLLM retries a failed call once."]),
        "",
        "## Other gateways",
        "",
        f"- `envoy-ai-gateway.yaml`: {'the first step that users see' if moves else 'all aliases'}. Create one secret "
        'per key first, such as `kubectl create secret generic openai-api-key --from-literal=apiKey="$OPENAI_API_KEY"`.'
        " It expects a Gateway named `ai-gateway`."
        + (" For the next step, change the weights. It can't mirror." if moves else ""),
        f"- `portkey.json`: {'the same step, ' * moves}a config per alias. Fill in the keys and nothing else: "
        f"`{filled}`. The output holds your keys: don't save it. Send a call to `https://api.portkey.ai/v1` with your "
        "Portkey key as `x-portkey-api-key` and its alias's config as `x-portkey-config`: `client.diff` "
        "sends neither, it's for LiteLLM. Nothing is retried.",
        f"- `semantic-router.yaml`: {'the last step' if moves else 'all aliases,'} for vLLM Semantic Router, which "
        "splits no traffic.",
    ]
    if has_openrouter:
        lines.append("- `openrouter.json`: the last step, what to send with each call. OpenRouter splits no traffic.")
    return "\n".join(lines) + "\n"


_NOTHING_MOVES = (
    "Nothing moves yet: these files keep every use case on today's model. They only give each use case an alias, and "
    "all four steps are the same."
)
_OF_MOVES = (
    "- LiteLLM retries a failed call once, then today's model answers. A new model times out after three times its "
    "measured p95, 5 seconds at least.",
    "- A new model's budget is 1.2 times its expected bill for 30 days. Past it, today's model answers. LiteLLM counts "
    "budgets in memory: they start over with the proxy, and proxies share them only through Redis.",
)
_GAPS: Words = {
    Gap.NO_PROVIDER: "{use_case} is left out: no list says who serves {model}. Add that model under Candidates as the "
    "baseline, with its provider.",
    Gap.ILLUSTRATIVE: "{use_case} stays on today's model: {model} is part of the sample and has no host. Test a real "
    "model first.",
    Gap.NO_HOST: "{use_case} stays on today's model: {model} has no address that a gateway could call. Serve it, then "
    "add it under Candidates with its API base.",
    Gap.SECRET_HEADER: "{model} needs the header {header}. Its value is a secret and isn't exported: add it yourself.",
}
