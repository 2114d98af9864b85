"""The archive of the gateways' files, with the lines of a client that change: OpenAI's SDK asks by use case."""

import json
from collections.abc import Sequence
from difflib import unified_diff
from keyword import iskeyword
from pathlib import Path

from advisor.plan.configuration.gateways import gateway_files, models_of, openrouter, reached
from advisor.plan.configuration.litellm_proxy import MASTER_KEY, proxy_files
from advisor.text.ready.criteria import CRITERIA, criteria_file
from advisor.text.ready.gateway import CLIENT, readme
from advisor.types.deployment import Deployment, Route

URL, KEY = "LLM_GATEWAY_URL", "LLM_GATEWAY_KEY"
"""Environment variables of a client."""
FILE = "client.py"


def gateway_archive(deployment: Deployment, said: Sequence[str] = ()) -> dict[str, str]:
    """Configuration of a LiteLLM proxy by step, of other gateways, and the client's patch; ``said``: by the plan."""
    models = [model for route in deployment.routes for model in models_of(route)]
    keys = dict.fromkeys([MASTER_KEY, *(model.key_env for model in models if model.key_env)])
    left = tuple(route.alias for route in deployment.routes if route not in reached(deployment))
    return {
        "README.md": readme(deployment, tuple(keys), left, (URL, KEY), openrouter(deployment), said),
        "client.diff": client_diff(deployment),
        **({CRITERIA: criteria_file(deployment)} if deployment.moves else {}),
        "requirements.txt": Path(__file__).with_name("proxy.txt").read_text(encoding="utf-8"),
        **proxy_files(deployment),
        **gateway_files(deployment),
    }


def client_diff(deployment: Deployment) -> str:
    """What to change, as a patch of a client with one function per use case, which its first line names."""
    before, after = (source(deployment, moved=moved).splitlines(keepends=True) for moved in (False, True))
    return f"{CLIENT}\n\n{''.join(unified_diff(before, after, f'a/{FILE}', f'b/{FILE}'))}"


def source(deployment: Deployment, *, moved: bool) -> str:
    """A client as it is today, or with the gateway."""
    from jinja2 import Environment

    template = Path(__file__).with_name(f"{FILE}.jinja").read_text(encoding="utf-8")
    code = Environment(trim_blocks=True, keep_trailing_newline=True)  # noqa: S701 - Python, not HTML
    calls = [(_name(route), json.dumps(route.alias if moved else route.today.model)) for route in deployment.routes]
    return code.from_string(template).render(moved=moved, url=URL, key=KEY, calls=calls)


def _name(route: Route) -> str:
    name = route.alias.replace("-", "_")
    return name if name.isidentifier() and not iskeyword(name) else f"use_case_{name}"
