"""A whole study from one file (STUDY.toml), for CI, and writing such a file from a study."""

import math
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomli_w

from advisor.decide.limits import check_limits
from advisor.errors import BadInput
from advisor.llm.keys import HEADERS, SECRET, confirm_key
from advisor.measure.registration import in_dollars
from advisor.plan.study_file_use_cases import UseCaseSettings, read_table, tables_of
from advisor.store import Store
from advisor.store.log.logs import list_logs
from advisor.store.models import list_models
from advisor.store.run.runs import list_runs
from advisor.text.runs import STUDY_FILE_HEAD
from advisor.types import Json, Lane, Model, Prices, Role, RunOptions, Study

OPTIONS = {
    {"sample_size": "sample", "repeated": "noise_floor", "audited": "audit"}.get(field.name, field.name): field
    for field in fields(RunOptions)
    if field.name != "baseline"
}
"""By key, the options of a run; its baseline is a table."""
KEYS = OPTIONS.keys() | {
    "study", "logs", "redact", "margin", "confidence", "report", "max_ttft_p95_s", "max_latency_p95_s",
    "traffic_share",
}  # fmt: skip
TABLES = {"baseline", "candidates", "judges", "use_cases"}
MODEL_KEYS = {
    "name", "model", "api_base", "key_env", "input_price", "output_price", "cache_read_price", "cache_write_price",
    "usd_per_unit", "params", "max_samples", "allow_key_host",
}  # fmt: skip
LEFT_OUT = "..."
"""In place of the value of a secret header."""
WORDS = {bool: "true or false", dict: "a table", list: "a list", str: "a text"}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What STUDY.toml asks for; paths are absolute."""

    study: str
    logs: list[Path]
    redact: bool
    options: RunOptions
    margin: float | None = None
    confidence: float | None = None
    report: Path | None = None
    max_ttft_p95_s: float | None = None
    max_latency_p95_s: float | None = None
    traffic_share: float = 1.0
    use_cases: list[UseCaseSettings] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)


def read_study_file(path: Path) -> Batch:
    """Read STUDY.toml; paths in it are relative to its folder. Raises BadInput that names the key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} can't be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is not valid TOML: {error}.") from None
    unknown = sorted(content.keys() - KEYS - TABLES)
    if unknown:
        raise BadInput(f"{path.name}: unknown key {unknown[0]!r}. Keys are {', '.join(sorted(KEYS | TABLES))}.")
    folder = path.resolve().parent
    margin = _number(content, "margin", None, float, path)
    confidence = _number(content, "confidence", None, float, path)
    try:
        check_limits(margin, confidence)
        use_cases = [read_table(entry) for entry in content.get("use_cases", [])]
    except BadInput as error:
        raise BadInput(f"{path.name}: {error}") from None
    logs = [folder / str(log) for log in _need(content, "logs", list, path)]
    baseline = content.get("baseline", {"lane": "recorded"})
    models = [_model(entry, Role.CANDIDATE, path) for entry in content.get("candidates", [])]
    models += [_model(entry, Role.JUDGE, path) for entry in content.get("judges", [])]
    live = not (isinstance(baseline, dict) and baseline.get("lane") == "recorded")
    if live:
        models.append(_model(baseline, Role.BASELINE, path))
    report = content.get("report")
    return Batch(
        study=_need(content, "study", str, path),
        logs=logs,
        redact=_need(content, "redact", bool, path),
        options=replace(_options(content, path), baseline=Lane.BASELINE if live else Lane.RECORDED),
        margin=margin,
        confidence=confidence,
        report=folder / str(report) if report else None,
        max_ttft_p95_s=_number(content, "max_ttft_p95_s", None, float, path),
        max_latency_p95_s=_number(content, "max_latency_p95_s", None, float, path),
        traffic_share=_number(content, "traffic_share", 1.0, float, path),
        use_cases=use_cases,
        models=models,
    )


def write_study_file(store: Store, study: Study) -> tuple[str, int]:
    """STUDY.toml that repeats a study, and how many lines it has. The logs are named as they were imported.

    It holds neither the logs nor people's reviews, nor which use cases were named, merged or split by hand.
    """
    runs = list_runs(store, study.id)
    logs = list_logs(store, study.id)
    top: dict[str, Any] = {
        "study": study.name,
        "logs": [log.name for log in reversed(logs)],
        "redact": not logs or any(log.redacted for log in logs),
    }
    if runs:
        options = runs[0].options
        kept = ("sample_size", *options.kept)
        top |= {key: getattr(options, option.name) for key, option in OPTIONS.items() if option.name in kept}
    top |= {"margin": study.margin, "confidence": study.confidence}
    top |= {"max_ttft_p95_s": study.max_ttft_p95_s, "max_latency_p95_s": study.max_latency_p95_s}
    top |= {"traffic_share": None if study.traffic_share == 1 else study.traffic_share}
    models = list_models(store, study.id)
    is_recorded = bool(runs) and runs[0].baseline_lane is Lane.RECORDED
    baseline = next((model for model in models if model.role is Role.BASELINE and not is_recorded), None)
    top["baseline"] = _model_table(baseline) if baseline else {"lane": Lane.RECORDED.value}
    for table, role in (("candidates", Role.CANDIDATE), ("judges", Role.JUDGE)):
        top[table] = [_model_table(model) for model in models if model.role is role] or None
    top["use_cases"] = tables_of(store, study) or None
    text = f"{STUDY_FILE_HEAD}\n{tomli_w.dumps(_without_none(top), indent=2)}"
    return text, text.count("\n")


def _options(content: dict[str, Any], path: Path) -> RunOptions:
    read: dict[str, Any] = {}
    for key, option in OPTIONS.items():
        if key in content and isinstance(option.default, bool):
            read[option.name] = _need(content, key, bool, path)
        elif key in content:
            read[option.name] = _number(content, key, None, int if option.default is not None else float, path)
    return RunOptions(**read)


def _model_table(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "model": model.litellm_id,
        "api_base": model.api_base,
        "key_env": model.key_env,
        "allow_key_host": True if model.confirmed_key else None,
        **{f"{kind}_price": price for kind, price in vars(model.prices).items()},
        "max_samples": model.max_samples,
        "params": {name: _without_secrets(name, value) for name, value in model.params.items()} or None,
    }


def _without_secrets(param: str, value: Json) -> Json:
    """A parameter without the values of secret headers."""
    if param not in HEADERS or not isinstance(value, dict):
        return value
    return {header: LEFT_OUT if SECRET.search(header) else sent for header, sent in value.items()}


def _without_none(value: Any) -> Any:
    """TOML has no null."""
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    return [_without_none(each) for each in value if each is not None] if isinstance(value, list) else value


def _model(entry: Any, role: Role, path: Path) -> Model:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not isinstance(entry.get("model"), str):
        raise BadInput(f'{path.name}: every {role.value} needs a name and a model, such as model = "openai/gpt-4o".')
    unknown = sorted(entry.keys() - MODEL_KEYS)
    if unknown:
        raise BadInput(f"{path.name}: {role.value} {entry['name']!r} has the unknown key {unknown[0]!r}.")
    params = _need(entry, "params", dict, path) if "params" in entry else {}
    for headers in (params.get(param) for param in HEADERS):
        for header, value in headers.items() if isinstance(headers, dict) else ():
            if value == LEFT_OUT:
                raise BadInput(f"{path.name}: fill in the header {header!r} of {role.value} {entry['name']!r}.")
    prices = {kind: _number(entry, f"{kind}_price", None, float, path) for kind in Prices.__dataclass_fields__}
    model = Model(
        name=entry["name"],
        litellm_id=entry["model"],
        role=role,
        api_base=entry.get("api_base"),
        key_env=entry.get("key_env"),
        prices=in_dollars(Prices(**prices), _number(entry, "usd_per_unit", 1.0, float, path)),
        params=params,
        max_samples=_number(entry, "max_samples", None, int, path),
    )
    if "allow_key_host" in entry and _need(entry, "allow_key_host", bool, path):
        return confirm_key(model)
    return model


def _need(content: dict[str, Any], key: str, kind: type, path: Path) -> Any:
    value = content.get(key)
    if not isinstance(value, kind):
        raise BadInput(f"{path.name}: {key} is missing or not {WORDS[kind]}.")
    return value


def _number(content: dict[str, Any], key: str, default: Any, kind: type, path: Path) -> Any:
    value = content.get(key, default)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or (kind is int and value != int(value)):
        raise BadInput(f"{path.name}: {key} must be a number.")
    return kind(value)
