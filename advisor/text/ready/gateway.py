"""The configuration of gateways in words."""

import shlex

from advisor.text.messages import Words, worded
from advisor.text.names import short_name
from advisor.text.numbers import count, listing, percent, shorten
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


def route_words(route: Route) -> str:
    """Where one alias leads."""
    today, named = short_name(route.today.name), f"`{route.alias}` ({shorten(route.use_case)})"
    if route.ramp is None:
        return f"{named} stays on {today}."
    steps = ", ".join("shadow" if not share else percent(share) for share in route.ramp.shares)
    return f"{named} moves from {today} to {short_name(route.ramp.target.name)}: {steps}."


def readme(deployment: Deployment, keys: tuple[str, ...], unreached: tuple[str, ...], client: tuple[str, str]) -> str:
    """README.md: what to do in five lines, then where each alias leads and what is missing.

    ``keys``: environment variables with keys, the proxy's own first. ``unreached``: aliases that only LiteLLM reaches.
    ``client``: a client's environment variables, with the gateway's address and its key.
    """
    named, (url, key) = listing([f"`{key}`" for key in keys], most=len(keys)), client
    filled = f"envsubst {shlex.quote(' '.join(f'${{{key}}}' for key in keys[1:]))} < portkey.json"
    missing = [gap_words(gap) for gap in deployment.gaps]
    if unreached:
        missing.append(f"{listing(list(unreached))}: only in the files for LiteLLM, no other gateway has the address.")
    lines = [
        f"# {shorten(deployment.study)}: gateway configuration",
        "",
        f"1. Install LiteLLM's proxy (`pip install 'litellm[proxy]'`, tested with 1.110) and set {named}.",
        "2. Run `litellm --config shadow.yaml`: today's models answer, and new models get copies of some calls.",
        f"3. Apply `client.diff` to your client. Set `{url}` there, such as `http://localhost:4000/v1`, and `{key}`.",
        "4. As each step passes its criteria, restart with `5.yaml`, `25.yaml`, `100.yaml`; a file back rolls back.",
        "5. For another gateway, use its file instead (see below).",
        "",
        "## Where each alias leads",
        "",
        *(f"- {route_words(route)}" for route in deployment.routes),
        "",
        *(["## Missing", "", *(f"- {each}" for each in missing), ""] if missing else []),
        "## Good to know",
        "",
        "- Files name keys; they hold none.",
        "- The header `x-litellm-model-id` of an answer says which model gave it.",
        "- A failed call is retried once, then today's model answers. A new model times out after three times its "
        "measured p95, 5 seconds at least.",
        "- A new model's budget is 1.2 times its expected bill for 30 days. Past it, today's model answers. LiteLLM "
        "counts budgets in memory: they start over with the proxy, and proxies share them only through Redis.",
        "",
        "## Other gateways",
        "",
        "- `envoy-ai-gateway.yaml`: the first step that users see. Create one secret per key first, such as "
        '`kubectl create secret generic openai-api-key --from-literal=apiKey="$OPENAI_API_KEY"`. It expects a Gateway '
        "named `ai-gateway`. For the next step, change the weights. It can't mirror.",
        f"- `portkey.json`: the same step, a config per alias. Fill in the keys and nothing else: `{filled}`.",
        "- `semantic-router.yaml`: the last step for vLLM Semantic Router, which splits no traffic.",
        "- `openrouter.json`: the last step, what to send with each call. OpenRouter splits no traffic.",
    ]
    return "\n".join(lines) + "\n"


_GAPS: Words = {
    Gap.NO_PROVIDER: "{use_case} is left out: no list says who serves {model}. Add that model under Candidates as the "
    "baseline, with its provider.",
    Gap.ILLUSTRATIVE: "{use_case} stays on today's model: {model} is part of the sample and has no host. Test a real "
    "model first.",
    Gap.NO_HOST: "{use_case} stays on today's model: {model} has no address that a gateway could call. Serve it, then "
    "add it under Candidates with its API base.",
    Gap.SECRET_HEADER: "{model} needs the header {header}. Its value is a secret and isn't exported: add it yourself.",
}
