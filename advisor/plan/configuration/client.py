"""The lines of a client that change: OpenAI's SDK asks the gateway, by use case."""

import json
from difflib import unified_diff
from keyword import iskeyword

from advisor.types.deployment import Deployment

URL, KEY = "LLM_GATEWAY_URL", "LLM_GATEWAY_KEY"
"""Environment variables of a client."""
FILE = "client.py"


def client_diff(deployment: Deployment) -> str:
    """What to change, as a patch of a client with one function per use case."""
    before, after = (source(deployment, moved=moved).splitlines(keepends=True) for moved in (False, True))
    return "".join(unified_diff(before, after, f"a/{FILE}", f"b/{FILE}"))


def source(deployment: Deployment, *, moved: bool) -> str:
    """A client as it is today, or with the gateway."""
    head = ["from openai import OpenAI", "", "client = OpenAI()"]
    if moved:
        options = f'base_url=os.environ["{URL}"], api_key=os.environ["{KEY}"]'
        head = ["import os", "", "from openai import OpenAI", "", f"client = OpenAI({options})"]
    lines = [*head]
    for route in deployment.routes:
        model = route.alias if moved else route.today.model
        name = route.alias.replace("-", "_")
        name = name if name.isidentifier() and not iskeyword(name) else f"use_case_{name}"
        lines += ["", "", f"def {name}(messages, **params):"]
        lines += [f"    return client.chat.completions.create(model={json.dumps(model)}, messages=messages, **params)"]
    return "\n".join(lines) + "\n"
