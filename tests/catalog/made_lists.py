"""A real HTTP server that gives out price lists like the real ones, and misbehaves where a test says so."""

import functools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from advisor.catalog.list_copies import FOLDER, model_list
from advisor.catalog.list_sources import VARIABLE
from advisor.catalog.open_models import candidates_catalog
from advisor.catalog.refresh import STANDARD
from advisor.money.price_refresh import use_newest_lists

Misbehaviour = Callable[[BaseHTTPRequestHandler, bytes], None]


class ListServer:
    """``lists`` holds the lists by name and ``licences`` what each repository names; both may be changed at any time.

    ``misbehave`` says what is done instead of an answer, by name of the list; ``asked`` what was asked, in order.
    """

    def __init__(self) -> None:
        self.lists: dict[str, Any] = {
            "genai-prices": json.loads(installed_prices()),
            "litellm": json.loads(json.dumps(model_list())),
            "models.dev": {"groq": {"models": {"openai/gpt-oss-20b": _open_model("2025-08-05")}}},
        }
        self.licences = {
            model.hf_repo: model.licence if model.licence in STANDARD else "other"
            for model in candidates_catalog()
            if model.hf_repo
        }
        self.misbehave: dict[str, Misbehaviour] = {}
        self.asked: list[str] = []
        """Names of lists or repositories."""
        self.url = ""

    def model(self, provider: str, model: str) -> dict[str, Any]:
        """One model of the dated list, to be changed."""
        models = next(each["models"] for each in self.lists["genai-prices"] if each["id"] == provider)
        found: dict[str, Any] = next(each for each in models if each["id"] == model)
        return found

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        """One answer."""
        name = request.path.partition("?")[0].removeprefix("/list/")
        if request.path.startswith("/repo/"):
            name = request.path.removeprefix("/repo/")
            body = json.dumps({"id": name, "cardData": {"license": self.licences.get(name)}}).encode()
            misbehave = self.misbehave.get("huggingface")
        else:
            body = json.dumps(self.lists[name]).encode()
            misbehave = self.misbehave.get(name)
        self.asked.append(name)
        (misbehave or sends(body))(request, body)


def answers(status: int) -> Misbehaviour:
    """An error instead of a list."""

    def answer(request: BaseHTTPRequestHandler, _body: bytes) -> None:
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def breaks_off(request: BaseHTTPRequestHandler, body: bytes) -> None:
    """The connection breaks in the middle."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body[: len(body) // 2])
    request.close_connection = True


def sends(body: bytes) -> Misbehaviour:
    """Something else than a list, in good order."""

    def send(request: BaseHTTPRequestHandler, _body: bytes) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return send


@contextmanager
def list_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    """The server, where a refresh asks it and keeps its lists in ``folder``."""
    made = ListServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.respond(self)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    sources = [f"{name}={made.url}/list/{name}" for name in made.lists]
    monkeypatch.setenv(VARIABLE, " ".join([*sources, f"huggingface={made.url}/repo/{{repo}}"]))
    with own_snapshots(folder, monkeypatch):
        yield made
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def own_snapshots(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is fetched is kept in ``folder``, and forgotten afterwards."""
    monkeypatch.setenv(FOLDER, str(folder))
    use_newest_lists()
    yield
    monkeypatch.setenv(FOLDER, str(folder / "nothing"))
    use_newest_lists()
    monkeypatch.delenv(FOLDER)


@functools.cache
def installed_prices() -> str:
    """A list in JSON with the models of the installed one at all their prices, in the form in which it is published."""
    from genai_prices.data import providers

    listed = []
    for provider in providers:
        models = [
            {
                "id": model.id,
                "match": _rule(model.match),
                "prices": [_step(step) for step in model.prices]
                if isinstance(model.prices, list)
                else _kinds(model.prices),
                "price_variants": [_step(variant) | {"when": variant.when} for variant in model.price_variants or ()],
            }
            for model in provider.models
        ]
        told: dict[str, Any] = {
            "id": provider.id,
            "name": provider.name,
            "api_pattern": provider.api_pattern,
            "models": models,
            "fallback_model_providers": provider.fallback_model_providers,
        }
        rules = {"model_match": provider.model_match, "provider_match": provider.provider_match}
        listed.append(told | {name: _rule(rule) for name, rule in rules.items() if rule})
    return json.dumps(listed)


def _rule(rule: Any) -> dict[str, Any]:
    ((key, value),) = vars(rule).items()
    return {key.removesuffix("_"): [_rule(part) for part in value] if isinstance(value, list) else value}


def _step(step: Any) -> dict[str, Any]:
    told = {} if step.constraint is None else {name: str(value) for name, value in vars(step.constraint).items()}
    return {"prices": _kinds(step.prices)} | ({"constraint": told} if told else {})


def _kinds(price: Any) -> dict[str, Any]:
    return {kind: _price(value) for kind, value in vars(price).items() if value is not None}


def _price(value: Any) -> Any:
    if not hasattr(value, "tiers"):
        return float(value)
    tiers = [{"start": tier.start, "price": float(tier.price)} for tier in value.tiers]
    return {"base": float(value.base), "tiers": tiers}


def _open_model(released: str) -> dict[str, Any]:
    return {"name": "GPT OSS 20B", "open_weights": True, "release_date": released}
