"""The files for gateways: as they were looked at, as their gateways' schemas have them, and with no secret in them."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which
from typing import Any
from zipfile import ZipFile

import jsonschema
import pytest
import yaml  # type: ignore[import-untyped]

from advisor.llm.gateway import split_id
from advisor.llm.hosts import API_BASES
from advisor.plan.configuration.archive import FILE, gateway_archive, source
from advisor.plan.configuration.gateways import ENVOY, OPENROUTER, PORTKEY, ROUTER
from advisor.plan.configuration.litellm_proxy import END, ONLY, PAIRS, STEPS
from advisor.plan.exports import zipped
from advisor.text.gates import criteria
from advisor.text.ready.criteria import CRITERIA
from tests.made.deployment import DEPLOYMENT

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "gateways"
FILES = gateway_archive(DEPLOYMENT)
REQUIREMENTS = "requirements.txt"


@pytest.mark.parametrize("name", sorted({*FILES} - {PAIRS, REQUIREMENTS}))
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
    for name in (*STEPS, END):
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
    path.write_bytes(zipped({"a.sh": "", "a.txt": ""}))
    with ZipFile(path) as archive:
        assert [info.external_attr >> 16 for info in archive.infolist()] == [0o755, 0o644]


def test_the_clients_patch_applies_and_runs(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(source(DEPLOYMENT, moved=False))
    (tmp_path / "client.diff").write_text(FILES["client.diff"])
    assert FILES["client.diff"].startswith("A sample client")
    subprocess.run(["git", "apply", "--unsafe-paths", "client.diff"], cwd=tmp_path, check=True)
    changed = (tmp_path / FILE).read_text()
    assert changed == source(DEPLOYMENT, moved=True)
    compile(changed, FILE, "exec")


def test_what_is_installed_is_what_the_real_proxy_was_tested_with() -> None:
    locked = {
        line.partition(" ")[0].lower() for line in Path(__file__).with_name("proxy.lock").read_text().splitlines()
    }
    required = [line for line in FILES[REQUIREMENTS].splitlines() if not line.startswith("#")]
    assert {line.lower() for line in required} <= locked


def test_where_nothing_moves_the_first_line_says_so_and_no_step_is_promised() -> None:
    stays = replace(DEPLOYMENT, routes=tuple(replace(route, ramp=None) for route in DEPLOYMENT.routes))
    files = gateway_archive(stays)
    assert [name for name in (*STEPS, ONLY, END) if name in files] == [ONLY]
    assert f"--config {ONLY}" in files["README.md"]
    assert OPENROUTER not in files
    assert PAIRS not in files
    readme = files["README.md"]
    assert readme.splitlines()[2].startswith("Nothing moves in these files yet")
    assert "Today's model answers what fails twice" in FILES["README.md"]
    assert not any(word in readme for word in ("expected bill", "Budgets", "fails twice", PAIRS, OPENROUTER))
    assert "Export your `OPENAI_API_KEY` too." in readme
    keyless = replace(stays.routes[0], today=replace(stays.routes[0].today, key_env=None))
    assert "Export your" not in gateway_archive(replace(stays, routes=(keyless,)))["README.md"]


def test_the_readme_says_what_holds_for_a_server_on_this_machine_and_for_an_unknown_price() -> None:
    assert "TRUSTED_CUSTOM_HOSTS=llm.example.com npx" in FILES["README.md"]
    (own, hosted, *others) = DEPLOYMENT.routes
    assert own.ramp
    assert hosted.ramp
    unpriced = replace(DEPLOYMENT, routes=(replace(hosted, ramp=replace(hosted.ramp, usd_a_month=None)),))
    assert "No budget for gpt-oss 20B" in gateway_archive(unpriced)["README.md"]
    local = replace(own.ramp.target, api_base="http://127.0.0.1:8790/v1")
    here = replace(DEPLOYMENT, routes=(replace(own, ramp=replace(own.ramp, target=local)), others[-1]))
    readme = gateway_archive(here)["README.md"]
    started = (
        "Start your server (Migration Advisor's `export --what deploy`). When it answers, run "
        "`litellm --host 127.0.0.1 --config shadow.yaml`."
    )
    assert readme.splitlines()[3] == f"2. {started}"
    assert gateway_archive(unpriced)["README.md"].splitlines()[3] == f"2. R{started.partition(', r')[2]}"
    for said in ("`127.0.0.1:8790`", "TRUSTED_CUSTOM_HOSTS=127.0.0.1 npx"):
        assert said in readme
    assert "http://host.docker.internal:8790/v1" in gateway_archive(here)[ROUTER]
    objects = yaml.safe_load_all(gateway_archive(here)[ENVOY])
    assert {"fqdn": {"hostname": "localhost", "port": 8790}} in [
        endpoint for each in objects for endpoint in each["spec"].get("endpoints", ())
    ]
    assert "expected bill" not in readme


def test_budgets_are_for_hosts_and_nothing_is_left_of_the_fallback_at_its_end() -> None:
    configs = {name: yaml.safe_load(FILES[name]) for name in (*STEPS, END)}
    budgets = {
        name: {
            each["model_info"]["id"]: each["litellm_params"]["max_budget"]
            for each in config["model_list"]
            if "max_budget" in each["litellm_params"]
        }
        for name, config in configs.items()
    }
    assert budgets["100.yaml"] == {"thread-summary-candidate": 144.0}
    assert not budgets[END]
    assert not any(word in FILES[END] for word in ("fallbacks", "callbacks", "silent_model", "timeout"))
    assert {each["model_info"]["id"] for each in configs[END]["model_list"]} == {
        *("ticket-triage-candidate", "thread-summary-candidate", "agent-actions-today", "gpt-4o-2024-08-06")
    }


def test_openrouter_holds_what_moves_to_a_host_and_names_it_and_no_own_server() -> None:
    (alias,) = [route.alias for route in DEPLOYMENT.moves if route.ramp and route.ramp.target.provider == "together_ai"]
    assert {alias: body["provider"].get("order") for alias, body in json.loads(FILES[OPENROUTER]).items()} == {
        alias: ["together", "openai"]
    }


def test_the_criteria_are_those_of_the_plan_and_the_readme_leads_there() -> None:
    for route in DEPLOYMENT.moves:
        assert route.ramp
        assert route.ramp.move
        _, _, section = FILES[CRITERIA].partition(f"## {route.alias}\n")
        for cells in criteria(route.ramp.move):
            assert all(f"| {label} |" in section and f"| {limit} |" in section for label, limit in cells.items())
    assert f"`{CRITERIA}`" in FILES["README.md"]


@pytest.mark.skipif(which("jq") is None, reason="jq isn't installed")
def test_the_command_of_the_criteria_sums_up_what_the_callback_logs(tmp_path: Path) -> None:
    told = {"model_id": "ALIAS-candidate-mirrored", "status": "success", "startTime": 1.0, "completionStartTime": 1.5}
    answered = [{**told, "trace_id": n, "endTime": 2.0 + n, "response_cost": 0.001} for n in range(3)]
    failed = {**told, "trace_id": 9, "status": "failure", "startTime": 3700.0, "endTime": 3709.0, "response_cost": 0}
    paused = {**failed, "trace_id": 10, "status": "success", "model_id": "today", "fallback_for": "ALIAS"}
    retried = [{**failed, "trace_id": 8}, {**answered[0], "trace_id": 8, "startTime": 3701.0, "endTime": 3702.0}]
    late = [failed, failed, {**paused, "trace_id": 9}, paused, *retried]
    assert _summed([*answered, *late, {**told, "model_id": "other-candidate", "endTime": 99.0}], tmp_path) == {
        **{"calls": 6, "failed_percent": pytest.approx(100 / 3)},
        "worst_hour": {"calls": 3, "failed_percent": pytest.approx(200 / 3)},
        **{"p95_ttft_s": 0.5, "p95_s": 3.0, "usd_per_1000": 1.0},
    }
    dead = _summed([failed, paused], tmp_path)
    assert (dead["calls"], dead["failed_percent"], dead["usd_per_1000"]) == (2, 100, None)
    assert _summed([], tmp_path)["calls"] == 0


def _summed(calls: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    (folder / "new.jsonl").write_text("".join(json.dumps(call) + "\n" for call in calls))
    (folder / "sum.sh").write_text(FILES[CRITERIA].split("```")[1])
    ran = subprocess.run(["/bin/sh", "sum.sh"], cwd=folder, capture_output=True, check=True)
    summed: dict[str, Any] = json.loads(ran.stdout)
    return summed
