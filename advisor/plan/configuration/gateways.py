"""The first step with users, 5 % or what the plan has in its place, for gateways other than LiteLLM.

Each file holds what its gateway can express; use cases with a host that it can't reach are left out of it. Names of
fields are those of Envoy AI Gateway v1beta1, vLLM Semantic Router v0.3, Portkey's configs and OpenRouter's chat API.
"""

import ipaddress
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]

from advisor.llm.hosts import API_BASES
from advisor.plan.configuration.routes import alias_of
from advisor.types import LOOPBACK
from advisor.types.deployment import Deployment, Route, Upstream

ENVOY, ROUTER, PORTKEY, OPENROUTER = (
    "envoy-ai-gateway.yaml",
    "semantic-router.yaml",
    "portkey.json",
    "openrouter.json",
)
OPENROUTER_HOSTS = {
    **{name: name for name in ("anthropic", "azure", "cerebras", "deepinfra", "deepseek", "groq", "mistral", "nebius")},
    **{name: name for name in ("novita", "openai", "xai")},
    "bedrock": "amazon-bedrock",
    "fireworks_ai": "fireworks",
    "together_ai": "together",
    "vertex_ai": "google-vertex",
}
"""What OpenRouter calls a host, by litellm's name."""
FAILED = [429, 500, 502, 503, 504]
"""Statuses after which another model is called."""
DOCKER_HOST = "host.docker.internal"
"""The machine itself, as its containers call it."""
MOST_BYTES = "50Mi"
"""Of a call at Envoy, as Envoy AI Gateway's examples have it: the default, 32 KiB, refuses long prompts."""
TIMEOUT_S = 60
"""Of a call where nothing was measured, as Envoy AI Gateway has it."""


def gateway_files(deployment: Deployment) -> dict[str, str]:
    """A file for each gateway; none for OpenRouter where it has no model to move to."""
    bodies = openrouter(deployment)
    return {
        ENVOY: yaml.safe_dump_all(envoy(deployment), sort_keys=False, allow_unicode=True, width=120),
        ROUTER: yaml.safe_dump(semantic_router(deployment), sort_keys=False, allow_unicode=True, width=120),
        PORTKEY: json.dumps(portkey(deployment), indent=2, ensure_ascii=False) + "\n",
        **({OPENROUTER: json.dumps(bodies, indent=2, ensure_ascii=False) + "\n"} if bodies else {}),
    }


def reached(deployment: Deployment) -> tuple[Route, ...]:
    """The routes with both models behind OpenAI's API, at a known address: what Envoy and vLLM's router can reach."""
    return tuple(route for route in deployment.routes if all(map(address_of, models_of(route))))


def models_of(route: Route) -> tuple[Upstream, ...]:
    """The new model, where there is one, and today's."""
    return (route.ramp.target, route.today) if route.ramp else (route.today,)


def address_of(model: Upstream) -> str | None:
    """Where a model is called by OpenAI's API; None: not known."""
    return model.api_base or API_BASES.get(model.provider)


def split_of(route: Route) -> tuple[tuple[Upstream, int], ...]:
    """Each model with its percent of the calls at the first step that users see."""
    if route.ramp is None:
        return ((route.today, 100),)
    percent = round(100 * min(share for share in route.ramp.shares if share))
    both = ((route.ramp.target, percent), (route.today, 100 - percent))
    return tuple((model, weight) for model, weight in both if weight)


def envoy(deployment: Deployment) -> list[dict[str, Any]]:
    """Objects for `kubectl apply`; keys come from secrets named after their variables."""
    routes = reached(deployment)
    names = names_of(routes)
    rules = [
        {
            "matches": [{"headers": [{"type": "Exact", "name": "x-ai-eg-model", "value": route.alias}]}],
            "backendRefs": [_backend_ref(names[model.name], model, weight) for model, weight in split_of(route)],
        }
        for route in routes
    ]
    parent = {"name": "ai-gateway", "kind": "Gateway", "group": "gateway.networking.k8s.io"}
    objects = [
        _object("aigateway.envoyproxy.io/v1beta1", "AIGatewayRoute", "llm", parentRefs=[parent], rules=rules),
        _object(
            "gateway.envoyproxy.io/v1alpha1",
            "BackendTrafficPolicy",
            "llm-retries",
            targetRefs=[{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "llm"}],
            retry={
                "numRetries": 2,
                "perRetry": {"timeout": f"{TIMEOUT_S}s"},
                "retryOn": {
                    "httpStatusCodes": FAILED,
                    "triggers": ["connect-failure", "retriable-status-codes"],
                },
            },
            healthCheck={"passive": {"consecutive5XxErrors": 3, "interval": "10s", "baseEjectionTime": "30s"}},
        ),
        _object(
            "gateway.envoyproxy.io/v1alpha1",
            "ClientTrafficPolicy",
            "llm-prompts",
            targetRefs=[parent],
            connection={"bufferLimit": MOST_BYTES},
        ),
    ]
    models = {model.name: model for route in routes for model in models_of(route)}
    return objects + [each for model in models.values() for each in _backend(names[model.name], model)]


def _backend_ref(name: str, model: Upstream, weight: int) -> dict[str, Any]:
    ref: dict[str, Any] = {"name": name, "modelNameOverride": model.model, "weight": weight}
    if body := _body(model):
        ref["bodyMutation"] = {"set": [{"path": name, "value": json.dumps(value)} for name, value in body.items()]}
    return ref


def _backend(name: str, model: Upstream) -> Iterable[dict[str, Any]]:
    url = urlsplit(address_of(model) or "")
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    endpoint: dict[str, Any] = {"fqdn": {"hostname": "localhost" if host in LOOPBACK else host, "port": port}}
    if _is_ip(host) and host not in LOOPBACK:  # which Envoy refuses: a host name takes its place
        endpoint = {"ip": {"address": host, "port": port}}
    own, backend = "aigateway.envoyproxy.io/v1beta1", {"kind": "Backend", "group": "gateway.envoyproxy.io"}
    schema = {"name": "OpenAI", "prefix": url.path.rstrip("/") or "/"}
    yield _object(own, "AIServiceBackend", name, schema=schema, backendRef={"name": name, **backend})
    yield _object("gateway.envoyproxy.io/v1alpha1", "Backend", name, endpoints=[endpoint])
    if url.scheme == "https":
        yield _object(
            "gateway.networking.k8s.io/v1",
            "BackendTLSPolicy",
            name,
            targetRefs=[{**backend, "name": name}],
            validation={"wellKnownCACertificates": "System", "hostname": host},
        )
    if model.key_env:
        yield _object(
            own,
            "BackendSecurityPolicy",
            name,
            targetRefs=[{"group": "aigateway.envoyproxy.io", "kind": "AIServiceBackend", "name": name}],
            type="APIKey",
            apiKey={"secretRef": {"name": secret_of(model.key_env)}},
        )


def secret_of(key_env: str) -> str:
    """The Kubernetes secret for the key in an environment variable."""
    return key_env.lower().replace("_", "-")


def names_of(routes: Iterable[Route]) -> dict[str, str]:
    """By each model's name, one that Kubernetes accepts."""
    names: dict[str, str] = {}
    for model in (model for route in routes for model in models_of(route)):
        if model.name not in names:
            names[model.name] = alias_of(model.name, names.values())
    return names


def _object(version: str, kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def semantic_router(deployment: Deployment) -> dict[str, Any]:
    """An entrypoint per use case, as after the last step: the router can't split traffic."""
    routes = reached(deployment)
    names = names_of(routes)
    models = {names[model.name]: model for route in routes for model in models_of(route)}
    recipes = [
        {
            "name": route.alias,
            "description": route.use_case,
            "routing": {"strategy": "priority", "decisions": [_decision(route.alias, names[models_of(route)[0].name])]},
        }
        for route in routes
    ]
    default = names[routes[0].today.name] if routes else ""
    return {
        "version": "v0.3",
        "listeners": [{"name": "http-8899", "address": "127.0.0.1", "port": 8899, "timeout": "300s"}],
        "providers": {
            **({"defaults": {"model": default}} if routes else {}),
            "models": [_provider_model(name, model) for name, model in models.items()],
        },
        "routing": {
            "modelCards": [{"name": name} for name in models],
            "decisions": [_decision("everything-else", default)] if routes else [],
        },
        "entrypoints": [{"model_names": [route.alias], "recipe": route.alias} for route in routes],
        "recipes": recipes,
    }


def _decision(name: str, model: str) -> dict[str, Any]:
    return {
        "name": name,
        "priority": 100,
        "rules": {"operator": "AND", "conditions": []},
        "modelRefs": [{"model": model, "use_reasoning": False}],
    }


def _provider_model(name: str, model: Upstream) -> dict[str, Any]:
    backend: dict[str, Any] = {"name": name, "base_url": _from_container(address_of(model) or ""), "weight": 100}
    is_openai = model.provider == "openai" and not model.api_base
    backend["provider"] = "openai" if is_openai else "vllm" if model.provider == "hosted_vllm" else "openai-compatible"
    if model.key_env:
        backend["api_key_env"] = model.key_env
    entry: dict[str, Any] = {"name": name, "provider_model_id": model.model, "backend_refs": [backend]}
    if model.prices.input is not None and model.prices.output is not None:
        entry["pricing"] = {
            "currency": "USD",
            "prompt_per_1m": model.prices.input,
            "completion_per_1m": model.prices.output,
        }
    return entry


def _from_container(address: str) -> str:
    """An address as the router calls it, which runs in Docker."""
    url = urlsplit(address)
    if url.hostname not in LOOPBACK:
        return address
    return url._replace(netloc=f"{DOCKER_HOST}:{url.port}" if url.port else DOCKER_HOST).geturl()


def portkey(deployment: Deployment) -> dict[str, Any]:
    """A config per use case: calls split by weight, with today's model for a split that fails.

    Keys are written as ``${VARIABLE}``: ``envsubst`` with the names of these variables fills them in.
    """
    return {route.alias: _config(route) for route in reached(deployment)}


def _config(route: Route) -> dict[str, Any]:
    if route.ramp is None:
        return {"strategy": {"mode": "single"}, "targets": [_target(route.today)]}
    split = [_target(model) | {"weight": weight / 100} for model, weight in split_of(route)]
    return {
        "strategy": {"mode": "fallback", "on_status_codes": FAILED},
        "targets": [{"strategy": {"mode": "loadbalance"}, "targets": split}, _target(route.today)],
    }


def _target(model: Upstream) -> dict[str, Any]:
    at = {} if model.provider == "openai" and not model.api_base else {"custom_host": address_of(model)}
    params = {"model": model.model, **_body(model)}
    return {"provider": "openai", **at, "api_key": f"${{{model.key_env}}}", "override_params": params}


def _body(model: Upstream) -> dict[str, Any]:
    """What a model's parameters add to the body of a call."""
    params = {name: value for name, value in model.params.items() if name not in ("extra_headers", "headers")}
    extra = params.pop("extra_body", None)
    return {**params, **(extra if isinstance(extra, dict) else {})}


def openrouter(deployment: Deployment) -> dict[str, Any]:
    """What to send with a use case's calls after the last step: OpenRouter can't split traffic.

    Only models that are known to be sold there under just this name, at the tested host where its name is known.
    """
    bodies = {}
    for route in deployment.moves:
        if route.ramp and route.ramp.target.openrouter:
            sold = [model for model in models_of(route) if model.openrouter]
            provider: dict[str, Any] = {"data_collection": "deny", "require_parameters": True}
            hosts = [OPENROUTER_HOSTS.get(model.provider) for model in sold]
            if all(hosts):
                provider |= {"order": [*dict.fromkeys(hosts)], "allow_fallbacks": False}
            bodies[route.alias] = {"models": [model.openrouter for model in sold], "provider": provider}
    return bodies
