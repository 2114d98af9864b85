"""The configuration of gateways in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from advisor.text.headline import card_title
from advisor.text.messages import Words, upper, worded
from advisor.text.names import ANOTHER, OUTCOMES, bare_id, candidate_words, outcome, short_name
from advisor.text.numbers import count, day_of, dollars, listing, percent, shorten
from advisor.text.ready import numbered, readme_of, section
from advisor.text.ready.criteria import CRITERIA
from advisor.types import LOOPBACK, Message, Recommendation
from advisor.types.business import BusinessCase
from advisor.types.deployment import OWN_KEY, Deployment, Gap, Route

TITLE = "Gateway configuration"
WHAT = "Sends each use case to its model by an alias, step by step, with today's model as fallback."
CLIENT = "A sample client with one function per use case. Change the same lines in yours."
"""The first line of the patch."""


class Ends(NamedTuple):
    """How a model of the log ends."""

    on: date
    by: date
    """The last day for moving what stays on it."""
    successor: str
    """Empty: not known."""
    has_passed: bool
    """On all that moves to the successor."""
    failed: Sequence[str]
    """Use cases on which it failed: no calls move to it."""


def gap_words(gap: Message) -> str:
    """What a file lacks, and what to do about it."""
    return worded(_GAPS, gap)


def holds(deployment: Deployment) -> str:
    """What the archive holds for this decision."""
    moves, stays = len(deployment.moves), len(deployment.routes) - len(deployment.moves)
    if not moves:
        held = [gap.values["model"] for gap in deployment.gaps if gap.code in (Gap.ILLUSTRATIVE, Gap.NO_HOST)]
        if held:
            lacks = f"{listing(list(dict.fromkeys(held)))} {'has' if len({*held}) == 1 else 'have'} no host"
            return f"Nothing to configure yet: {len(held)} of {count(stays, 'use case')} can move, but {lacks}."
        return f"Nothing to move: {count(stays, 'use case')} on today's model."
    return f"{count(moves, 'use case')} to move, {stays} on today's model."


def route_words(route: Route, gaps: Sequence[Message]) -> str:
    """Where one alias leads, and why it stays."""
    is_told = route.use_case.lower().replace(" ", "-").startswith(route.alias)
    today, named = short_name(route.today.name), f"`{route.alias}`{'' if is_told else f' ({shorten(route.use_case)})'}"
    if route.ramp is None:
        return f"{named}: stays on {today}{_reason(route, gaps)}."
    waits = [percent(share) for share in (0.05, 0.25) if share not in route.ramp.shares]
    without = f", no step at {listing(waits)}" if waits else ""
    return f"{named}: {today} to {short_name(route.ramp.target.name)}{without}."


def _reason(route: Route, gaps: Sequence[Message]) -> str:
    if route.decision is None:
        return ""
    if route.decision.target is None:
        shown = route.decision.shown
        words = candidate_words(shown) if shown else OUTCOMES[outcome(route.decision)]
        return f", {words[:1].lower()}{words[1:]}"
    is_missing = any(gap.values.get("use_case") == route.use_case for gap in gaps)
    return ", see Missing" if is_missing else ": the move doesn't pay back"


def decided(
    recommendation: Recommendation,
    case: BusinessCase,
    ends: Mapping[str, Ends],
    deployment: Deployment,
) -> list[str]:
    """What the plan says that the files rest on; ``ends``: by model of the log."""
    lines = [] if deployment.moves or deployment.gaps else [card_title(recommendation, case)]
    for model, end in ends.items():
        mine = [each for each in deployment.routes if each.decision and each.decision.baseline_facts.model == model]
        first, others = (
            [each for each in mine if (each.today.name == bare_id(end.successor)) is moved] for moved in (True, False)
        )
        if first:
            lines.append(_first(model, end, first, is_all=not others))
        if others:
            lines.append(_leaving(model, end, others, " ".join(lines)))
    if deployment.moves:
        if case.inputs.tested_first:
            lines.append(f"{bare_id(case.inputs.tested_first)} is tested first: where it passes, these files wait.")
        pairs = count(max(recommendation.judging.reviews_wanted, 1), "pair")
        is_open = any(each.provisional for each in recommendation.use_cases)
        reviews = f"{pairs} on page Review, " if is_open else ""
        lines.append(f"Before `shadow.yaml`: {reviews}approval by legal and security.")
    return lines


def _first(model: str, end: Ends, routes: Sequence[Route], *, is_all: bool) -> str:
    """Of routes that start from what follows their model."""
    calls = "all its calls" if is_all else f"calls of {listing([route.alias for route in routes], most=len(routes))}"
    return (
        f"{short_name(model)} ends on {day_of(end.on.isoformat())}, before the move can end: {calls} go to "
        f"{bare_id(end.successor)} first, and these files start from it."
    )


def _leaving(model: str, end: Ends, routes: Sequence[Route], told: str) -> str:
    """Of routes that leave their model in time, or stay on it; ``told``: the lines before."""
    name, failed = bare_id(end.successor), failed_on(bare_id(end.successor), end.failed)
    name = ANOTHER if failed or not name else name
    test = "" if end.has_passed or name == ANOTHER or name in told else f"test {name} and "
    return (
        f"{short_name(model)} ends on {day_of(end.on.isoformat())}. By {day_of(end.by.isoformat())}, "
        f"{test}replace `{routes[0].today.model}` with {name} in YAML and JSON files{f' ({failed})' * bool(failed)}."
    )


def failed_on(model: str, use_cases: Sequence[str]) -> str:
    """Where a model failed its test; empty where it didn't."""
    return f"{model} failed its test on {listing([*map(shorten, use_cases)])}" if use_cases else ""


def readme(
    deployment: Deployment,
    keys: tuple[str, ...],
    unreached: tuple[str, ...],
    client: tuple[str, str],
    sold: Mapping[str, Any],
    said: Sequence[str],
) -> str:
    """README.md: what to do in five lines, then where each alias leads and what is missing.

    ``keys``: environment variables with keys, the proxy's own first. ``unreached``: aliases that only LiteLLM reaches.
    ``client``: a client's environment variables, with the gateway's address and its key. ``sold``: what OpenRouter's
    file holds. ``said``: the plan, as ``decided`` has it.
    """
    missing = [gap_words(gap) for gap in deployment.gaps]
    if unreached:
        missing.append(f"{listing(list(unreached))}: only in the files for LiteLLM, no other gateway has the address.")
    why = " (see Missing)" * bool(missing)
    intro = [*([] if deployment.moves else [_NOTHING_MOVES.format(why=why)]), *said]
    return readme_of(
        deployment.study,
        "gateway configuration",
        [" ".join(intro)] if intro else [],
        numbered(_steps(deployment, keys, client)),
        section("Aliases", (route_words(route, deployment.gaps) for route in deployment.routes)),
        section("Missing", missing),
        section("Notes", _notes(deployment)),
        section("Other gateways, without budgets or mirrors", _others(deployment, keys, sold)),
    )


def _steps(deployment: Deployment, keys: tuple[str, ...], client: tuple[str, str]) -> Iterator[str]:
    (own, *others), (url, key) = keys, client
    named = [f"`{each}`{' (else any value)' * (each == OWN_KEY)}" for each in others]
    yours = f" Export your {listing(named, most=len(keys))} too." if named else ""
    yield f"Run `pip install -r requirements.txt` and `export {own}=sk-$(openssl rand -hex 32)`.{yours}"
    start = f"run `litellm --host 127.0.0.1 --config {'shadow' if deployment.moves else 'gateway'}.yaml`"
    is_own = any(route.ramp and route.ramp.target.is_own for route in deployment.moves)
    yield (
        f"Start your server (Migration Advisor's `export --what deploy`). When it answers, {start}."
        if is_own
        else f"{upper(start)}."
    )
    yield (
        f"Change your client like `client.diff`. Set `{url}=http://127.0.0.1:4000/v1` and `{key}` to a "
        f"virtual key (needs a Postgres `database_url`). For a try, `{own}` works."
    )
    if not deployment.moves:
        yield "Call an alias once: the answer's header `x-litellm-model-id` names it."
        yield "When a use case moves, export again."
        return
    yield (
        f"If the limits in `{CRITERIA}` hold, stop the proxy (Ctrl+C; calls fail meanwhile) and start `5.yaml`, "
        "`25.yaml`, then `100.yaml`. The way back is the file before, or your old client."
    )
    yield f"When the fallback in `{CRITERIA}` ends, restart with `end.yaml`."


def _notes(deployment: Deployment) -> Iterator[str]:
    if deployment.moves:
        yield from _of_moves(deployment)
    yield "Health check: `/health/liveliness`. Clients on other machines: `--host 0.0.0.0`, behind TLS."


def _of_moves(deployment: Deployment) -> Iterator[str]:
    ramps = [route.ramp for route in deployment.moves if route.ramp]
    shares = sorted({ramp.mirrored for ramp in ramps})
    mirrored = percent(shares[0]) + (f" to {percent(shares[-1])}" if len(shares) > 1 else "")
    asked = f"`shadow.yaml` also asks the new models for {mirrored} of what moves"
    if kept := max(ramp.kept for ramp in ramps):
        usd = [route.decision.monthly_baseline_usd if route.decision else None for route in deployment.moves]
        known = [each for each in usd if each is not None]
        price = f", {dollars(kept * sum(known))}/month" if len(known) == len(usd) else ""
        asked += f", `100.yaml` today's model for {percent(kept)}{price}"
    yield f"{asked}. At 5% and 25% nothing is mirrored."
    yield (
        f"`pairs.py` logs what `{CRITERIA}` measures, without limit: mirrored calls with prompts to `today.jsonl` and "
        "`new.jsonl`, other calls of new models and the fallback without text."
    )
    hosts = [ramp for ramp in ramps if not ramp.target.is_own]
    unpriced = [shorten(ramp.target.name) for ramp in hosts if ramp.usd_a_month is None]
    budget = " or exceeds 1.2 × a host's expected bill" if len(unpriced) < len(hosts) else ""
    measured = [ramp.latency_p95_s is not None for ramp in ramps]
    unmeasured = "" if all(measured) else "; 60 s where unmeasured"
    slow = f"3 × the measured p95 (at least 5 s{unmeasured})" if any(measured) else "60 s (p95 unmeasured)"
    yield f"Today's model answers what fails twice{budget}. Over {slow} is a failure."
    if budget:
        yield "Budgets restart with the proxy, unless `router_settings` has `redis_host` and `redis_port`."
    if unpriced:
        yield f"No budget for {listing([*dict.fromkeys(unpriced)])}: price unknown."
    if local := _local_servers(deployment):
        places = listing([f"`{urlsplit(base).netloc}`" for base in local])
        yield (
            f"For a GPU on another machine, replace {places} in LiteLLM's files and `portkey.json`, and the host in "
            "`TRUSTED_CUSTOM_HOSTS`."
        )


def _others(deployment: Deployment, keys: tuple[str, ...], sold: Mapping[str, Any]) -> Iterator[str]:
    """How each other gateway's file is used."""
    is_set = any(route.ramp and route.ramp.target.params for route in deployment.moves)
    moves, own, local = bool(deployment.moves), _own_servers(deployment), _local_servers(deployment)
    secrets = [f"`{key.lower().replace('_', '-')}`" for key in keys[1:]]
    many = "secrets" if keys[2:] else "secret"
    given = f" and an `apiKey` in the {many} {listing(secrets, most=len(keys))}" if secrets else ""
    host = " Replace `localhost` with the server's host name." * bool(local)
    yield (
        f"`envoy-ai-gateway.yaml` (for 1.0{', the first step' * moves}; 60 s a try, 2 retries, no fallback) needs a "
        f"Gateway `ai-gateway`{given}.{host} Run `kubectl apply -f envoy-ai-gateway.yaml`."
        + " For the next step, change the weights."
        * moves
    )
    hosts = ",".join(dict.fromkeys(urlsplit(base).hostname or "" for base in own))
    trusted = f"TRUSTED_CUSTOM_HOSTS={hosts} " if own else ""
    portkey = "the first step; no timeout, today's model as fallback" if moves else "no timeout"
    yield (
        f"`portkey.json` ({portkey}): run `{trusted}npx @portkey-ai/gateway@1.15.2`, which is open to the "
        "network. Call `http://127.0.0.1:8787/v1` with the header `x-portkey-config: $(jq -c '.\"ALIAS\"' "
        "portkey.json | envsubst)`."
    )
    yield (
        f"`semantic-router.yaml` ({'the last step, ' * moves}no retries{', no parameters' * is_set}) needs Docker. Run "
        "`pip install vllm-sr==0.4.0` and `vllm-sr serve --config semantic-router.yaml`, then call `http://127.0.0.1:8899/v1`."
        + " On Linux your server needs `BIND=172.17.0.1` (`ip addr show docker0`)."
        * bool(local)
    )
    if sold:
        free = [alias for alias, body in sold.items() if "order" not in body["provider"]]
        hosts = f" Set `provider.order` for {listing(free, most=len(free))}." if free else ""
        yield (
            f"`openrouter.json` (the last step, {listing([*sold], most=len(sold))} only): call "
            "`https://openrouter.ai/api/v1` with your `OPENROUTER_API_KEY`, the alias's object as `extra_body`, and "
            f"its first model in place of the alias.{hosts}"
        )


def _own_servers(deployment: Deployment) -> list[str]:
    """Addresses of servers of one's own."""
    targets = [route.ramp.target for route in deployment.moves if route.ramp]
    models = [*targets, *(route.today for route in deployment.routes)]
    return [*dict.fromkeys(model.api_base for model in models if model.is_own and model.api_base)]


def _local_servers(deployment: Deployment) -> list[str]:
    """Those that are on the machine itself."""
    return [base for base in _own_servers(deployment) if urlsplit(base).hostname in LOOPBACK]


_NOTHING_MOVES = "Nothing moves in these files yet{why}: they keep every use case on today's model, under an alias."
_GAPS: Words = {
    Gap.NO_PROVIDER: "{use_case} is left out: no list says who serves {model}. Add that model under Candidates as the "
    "baseline, with its provider.",
    Gap.ILLUSTRATIVE: "{use_case} stays on today's model: {model} is part of the sample and has no host. Test a real "
    "model first.",
    Gap.NO_HOST: "{use_case} stays on today's model: {model} has no address that a gateway could call. Serve it, then "
    "add it under Candidates with its API base.",
    Gap.NO_SUCCESSOR: lambda use_case, model, by, successor, failed: (
        f"{use_case} still starts from {model}, which ends before the move can: "
        f"{failed_on(successor, failed) or 'no successor is known'}. Put in another model by {day_of(by)}."
    ),
    Gap.SECRET_HEADER: "{model} needs the header {header}. Its value is a secret and isn't exported: add it yourself.",
}
