"""Commands of models: model add, model edit."""

import argparse
import json
from dataclasses import replace
from typing import Any

from advisor.cli.commands import DONE, Commands, open_study, say
from advisor.errors import BadInput
from advisor.types import Json, Model, Prices, Role

_FIELDS = {
    "new_name": "name",
    "model": "litellm_id",
    "role": "role",
    "api_base": "api_base",
    "key_env": "key_env",
    "licence": "licence",
    "max_samples": "max_samples",
    "params": "params",
}
"""Argument -> field of a model."""


def add_commands(commands: Commands) -> None:
    """Commands of models: model add, model edit."""
    model = commands.group("model", "add or edit models")
    sub = model.add("add", _model_add, "add a model")
    sub.set_defaults(role="candidate")
    _model_arguments(sub, required=True)
    sub.add_argument("--keep-scoring", action="store_true", help="score use cases as before, also with a live baseline")
    sub = model.add(
        "edit",
        _model_edit,
        "edit a model; its answers stay and follow its new prices",
        description="Changes only the options you give; '' clears a value. Once a model has answers, its id, address "
        "and parameters are fixed.",
        argument_default=argparse.SUPPRESS,
    )
    sub.add_argument("--name", dest="new_name", metavar="NAME", help="new name")
    _model_arguments(sub, required=False)


def _model_arguments(sub: argparse.ArgumentParser, *, required: bool) -> None:
    sub.set_defaults(allow_key_host=False, usd_per_unit=1.0)
    sub.add_argument("name", help="name of the model in the study")
    sub.add_argument("--model", required=required, metavar="PROVIDER/ID", help="id as litellm spells it")
    sub.add_argument("--api-base", type=_text, metavar="URL", help="address of the server, if you self-host")
    sub.add_argument("--key-env", type=_text, metavar="VAR", help="environment variable with the key")
    sub.add_argument(
        "--allow-key-host", action="store_true", help="send this key to this host even if it isn't the key's provider"
    )
    sub.add_argument("--role", choices=["candidate", "baseline", "judge"], help="default for a new model: candidate")
    sub.add_argument("--input-price", type=_dollars, metavar="USD_PER_MTOK", help="per million input tokens")
    sub.add_argument("--output-price", type=_dollars, metavar="USD_PER_MTOK", help="per million output tokens")
    cached = "default: the input price"
    sub.add_argument("--cache-read-price", type=_dollars, metavar="USD_PER_MTOK", help=cached)
    sub.add_argument("--cache-write-price", type=_dollars, metavar="USD_PER_MTOK", help=cached)
    sub.add_argument(
        "--usd-per-unit",
        type=float,
        metavar="USD",
        help="exchange rate to USD, such as 1.09 for prices in euros",
    )
    sub.add_argument("--licence", type=_text, metavar="ID", help="license of the model (default: from the catalog)")
    sub.add_argument("--max-samples", type=_whole, metavar="N", help="call it on at most N samples of a run")
    sub.add_argument("--params", type=_object, metavar="JSON", help="parameters for every call, as a JSON object")


def _model_add(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.registration import describe_model, in_dollars, keep_scoring, register_model, rescored_live
    from advisor.text.scenarios import baseline_note

    given = Model(**{"name": a.name, "prices": in_dollars(Prices(**_prices(a)), a.usd_per_unit), **given_fields(a)})
    store, study = open_study(a)
    rescored = rescored_live(store, study) if given.role is Role.BASELINE else None
    added = register_model(store, study, given, allow_key_host=a.allow_key_host)
    if rescored and a.keep_scoring:
        keep_scoring(store, study)
    elif rescored:
        say(f"{baseline_note(*rescored)} To keep the scoring, add it with --keep-scoring.")
    return describe_model(added), DONE


def _model_edit(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.registration import (
        describe_model,
        edit_model,
        find_model,
        in_dollars,
        rescored_live,
        with_changes,
    )
    from advisor.text.scenarios import baseline_note

    store, study = open_study(a)
    rescored = rescored_live(store, study)
    model = find_model(store, study, a.name)
    typed = _prices(a)
    priced = vars(in_dollars(Prices(**typed), a.usd_per_unit))
    prices = replace(model.prices, **{kind: priced[kind] for kind in typed})
    model = with_changes(model, given_fields(a) | {"prices": prices})
    edited = edit_model(store, model, allow_key_host=a.allow_key_host)
    if rescored and edited.role is Role.BASELINE:
        say(baseline_note(*rescored))
    return describe_model(edited), DONE


def _prices(a: argparse.Namespace) -> dict[str, float | None]:
    return {kind: getattr(a, f"{kind}_price") for kind in Prices.__dataclass_fields__ if hasattr(a, f"{kind}_price")}


def given_fields(a: argparse.Namespace) -> dict[str, Any]:
    """The fields of a model that the command sets, but its prices."""
    given = {field: getattr(a, name) for name, field in _FIELDS.items() if hasattr(a, name)}
    given |= {"role": Role(given["role"])} if "role" in given else {}
    return given | ({"params": given["params"] or {}} if "params" in given else {})


def _text(text: str) -> str | None:
    return text.strip() or None


def _dollars(text: str) -> float | None:
    return float(text) if text.strip() else None


def _whole(text: str) -> int | None:
    return int(text) if text.strip() else None


def _object(text: str) -> dict[str, Json]:
    """A JSON object; raises BadInput for anything else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BadInput(f'--params {text!r} isn\'t a JSON object. Write it like {{"temperature": 0}}.')
    return value
