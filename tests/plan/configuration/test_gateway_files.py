"""The files for gateways: as they were looked at, as their gateways' schemas have them, and with no secret in them."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import jsonschema
import pytest
import yaml  # type: ignore[import-untyped]

from advisor.llm.gateway import split_id
from advisor.llm.hosts import API_BASES
from advisor.plan.configuration.archive import gateway_archive, zipped
from advisor.plan.configuration.client import FILE, source
from advisor.plan.configuration.gateways import ENVOY, OPENROUTER, PORTKEY, ROUTER
from advisor.plan.configuration.litellm_proxy import STEPS
from tests.made.deployment import DEPLOYMENT

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "gateways"
FILES = gateway_archive(DEPLOYMENT)


@pytest.mark.parametrize("name", [*FILES])
def test_each_file_is_as_it_was_looked_at(name: str) -> None:
    golden = FOLDER / name
    if os.environ.get("ADVISOR_WRITE_SNAPSHOTS"):
        golden.write_text(FILES[name])
    assert FILES[name] == golden.read_text()


@pytest.mark.parametrize("name", [ENVOY, ROUTER, PORTKEY, OPENROUTER])
def test_each_file_keeps_to_the_schema_of_its_gateway(name: str) -> None:
    schema = json.loads((FOLDER / "schemas" / f"{name.partition('.')[0]}.json").read_text())
    made = [*yaml.safe_load_all(FILES[name])] if name == ENVOY else [yaml.safe_load(FILES[name])]
    assert made
    for each in made:
        jsonschema.validate(each, schema)


def test_what_a_file_refers_to_is_in_it() -> None:
    objects = [*yaml.safe_load_all(FILES[ENVOY])]
    names = {(each["kind"], each["metadata"]["name"]) for each in objects}
    assert len(names) == len(objects)
    (route,) = (each for each in objects if each["kind"] == "AIGatewayRoute")
    assert {ref["name"] for rule in route["spec"]["rules"] for ref in rule["backendRefs"]} == {
        name for kind, name in names if kind == "AIServiceBackend"
    }
    router = yaml.safe_load(FILES[ROUTER])
    assert {each["recipe"] for each in router["entrypoints"]} == {each["name"] for each in router["recipes"]}
    for name in ("shadow.yaml", "5.yaml", "25.yaml", "100.yaml"):
        config = yaml.safe_load(FILES[name])
        groups = {each["model_name"] for each in config["model_list"]}
        silent = {each["litellm_params"].get("silent_model") for each in config["model_list"]} - {None}
        fallbacks = [group for each in config["router_settings"].get("fallbacks", ()) for (group,) in each.values()]
        assert silent | {*fallbacks} <= groups
        ids = [each["model_info"]["id"] for each in config["model_list"]]
        assert len(set(ids)) == len(ids)


def test_the_addresses_of_providers_are_those_that_the_replay_calls() -> None:
    known = {provider: split_id(f"{provider}/x")[3] for provider in API_BASES}
    assert {provider: url for provider, url in known.items() if url} == {
        provider: API_BASES[provider] for provider, url in known.items() if url
    }


def test_the_archive_is_the_same_each_time(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(FILES))
    assert zipped(dict(reversed(FILES.items()))) == path.read_bytes()
    with ZipFile(path) as archive:
        assert archive.namelist() == sorted(FILES)
        assert all(archive.read(name).decode() == text for name, text in FILES.items())


def test_the_clients_patch_applies_and_runs(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(source(DEPLOYMENT, moved=False))
    (tmp_path / "client.diff").write_text(FILES["client.diff"])
    subprocess.run(["git", "apply", "--unsafe-paths", "client.diff"], cwd=tmp_path, check=True)
    changed = (tmp_path / FILE).read_text()
    assert changed == source(DEPLOYMENT, moved=True)
    compile(changed, FILE, "exec")


def test_where_nothing_moves_the_first_line_says_so_and_no_step_is_promised() -> None:
    stays = replace(DEPLOYMENT, routes=tuple(replace(route, ramp=None) for route in DEPLOYMENT.routes))
    files = gateway_archive(stays)
    assert len({files[name] for name in STEPS}) == 1
    assert OPENROUTER not in files
    readme = files["README.md"]
    assert readme.splitlines()[2].startswith("Nothing moves yet")
    assert not any(word in readme for word in ("copies", "budget", "then today's model", OPENROUTER))
