"""A whole study from one file (STUDY.toml), for CI, and writing such a file from a study."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, Strict, ValidationError, create_model, field_validator

from advisor.collect.use_cases import change
from advisor.decide.limits import check_limits
from advisor.errors import BadInput
from advisor.judge.checks import set_checks, set_match
from advisor.judge.rubrics import rubric_of, save_rubric
from advisor.llm.keys import HEADERS, SECRET, confirm_key
from advisor.measure.registration import in_dollars
from advisor.store import Store
from advisor.store.log.logs import list_logs
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.runs import list_runs
from advisor.text.runs import STUDY_FILE_HEAD, study_file_fault
from advisor.types import Check, Endpoint, Json, Kind, Lane, Match, Model, Prices, Role, RunOptions, Study, UseCase

OPTIONS = {
    {"sample_size": "sample", "repeated": "noise_floor", "audited": "audit"}.get(name, name): name
    for name in RunOptions().flat
    if name != "baseline"
}
"""By key, the options of a run; its baseline is a table."""
LEFT_OUT = "..."
"""In place of the value of a secret header."""
Flag = Annotated[bool, Strict()]
Number = Annotated[float, Strict(), AllowInfNan(False)]


class Table(BaseModel):
    """One table of the file; a key that it doesn't know is refused."""

    model_config = ConfigDict(extra="forbid")


class UseCaseTable(Table):
    """How one use case is judged; what is None or empty is chosen by what its samples allow."""

    name: str
    kind: Kind | None = None
    endpoint: Endpoint | None = None
    margin: Number | None = None
    """A fraction."""
    ignored: Flag = False
    match: Match | None = None
    checks: tuple[Check, ...] = ()
    questions: tuple[str, ...] = ()
    """That a judge checks its answers against."""


class ModelTable(Table):
    """A model with its prices in any currency."""

    name: str
    model: str
    api_base: str | None = None
    key_env: str | None = None
    allow_key_host: Flag = False
    input_price: Number | None = None
    output_price: Number | None = None
    cache_read_price: Number | None = None
    cache_write_price: Number | None = None
    usd_per_unit: Number = 1.0
    max_samples: int | None = None
    params: dict[str, Any] = Field(default_factory=dict)


class Batch(Table):
    """What STUDY.toml asks for besides the options of the run, which are keys of it too."""

    study: str
    logs: list[Path]
    redact: Flag
    margin: Number | None = None
    confidence: Number | None = None
    report: Path | None = None
    max_ttft_p95_s: Number | None = None
    max_latency_p95_s: Number | None = None
    traffic_share: Number = 1.0
    baseline: ModelTable | None = None
    """None: the recorded answers."""
    candidates: list[ModelTable] = Field(default_factory=list)
    judges: list[ModelTable] = Field(default_factory=list)
    use_cases: list[UseCaseTable] = Field(default_factory=list)

    @field_validator("baseline", mode="before")
    @classmethod
    def _recorded(cls, given: Any) -> Any:
        return None if given == {"lane": Lane.RECORDED} else given

    @property
    def options(self) -> RunOptions:
        lane = Lane.BASELINE if self.baseline else Lane.RECORDED
        given = {OPTIONS[key]: value for key, value in self if key in OPTIONS}
        return RunOptions.of({**given, "baseline": lane})

    @property
    def models(self) -> list[Model]:
        """Raises BadInput for a header that was left out, and an exchange rate that is none."""
        models = [_model(table, Role.CANDIDATE) for table in self.candidates]
        models += [_model(table, Role.JUDGE) for table in self.judges]
        return [*models, _model(self.baseline, Role.BASELINE)] if self.baseline else models


_OF_OPTIONS: dict[str, Any] = {
    key: ({bool: Flag, int: int}.get(type(default), Number | None), default)
    for key, name in OPTIONS.items()
    for default in [RunOptions().flat[name]]
}
StudyFile: type[Batch] = create_model("StudyFile", __base__=Batch, **_OF_OPTIONS)
"""With a key for each option of a run."""


def read_study_file(path: Path) -> Batch:
    """Read STUDY.toml; paths in it are relative to its folder. Raises BadInput that names the key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} can't be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is not valid TOML: {error}.") from None
    try:
        batch = StudyFile.model_validate(content)
        check_limits(batch.margin, batch.confidence)
        for case in batch.use_cases:
            _check_margin(case)
        batch.models  # noqa: B018 - raises
    except ValidationError as error:
        raise BadInput(f"{path.name}: {_first_fault(error, content)}.") from None
    except BadInput as error:
        raise BadInput(f"{path.name}: {error}") from None
    folder = path.resolve().parent
    report = batch.report and folder / batch.report
    return batch.model_copy(update={"logs": [folder / log for log in batch.logs], "report": report})


def _first_fault(error: ValidationError, content: Any) -> str:
    """Where the file is wrong and how, such as ``candidates 'A': max_samples must be a whole number``."""
    fault = error.errors()[0]
    *holders, key = fault["loc"]
    where = ""
    for holder in holders:
        content = content[holder]
        name = content.get("name") if isinstance(content, dict) else None
        where += f"{holder}: " if isinstance(holder, str) else f"{name!r}: " if name else f"number {holder + 1}: "
    table = UseCaseTable if "use_cases" in holders else ModelTable if holders else StudyFile
    return where + study_file_fault(fault["type"], key, fault["input"], fault["msg"], table.model_fields)


def _check_margin(case: UseCaseTable) -> None:
    try:
        check_limits(case.margin, None)
    except BadInput as error:
        raise BadInput(f"use case {case.name!r}: {error}") from None


def _model(table: ModelTable, role: Role) -> Model:
    for headers in (table.params.get(param) for param in HEADERS):
        for header, value in headers.items() if isinstance(headers, dict) else ():
            if value == LEFT_OUT:
                raise BadInput(f"fill in the header {header!r} of {role.value} {table.name!r}.")
    prices = Prices(**{kind: getattr(table, f"{kind}_price") for kind in Prices.__dataclass_fields__})
    model = Model(
        name=table.name,
        litellm_id=table.model,
        role=role,
        api_base=table.api_base,
        key_env=table.key_env,
        prices=in_dollars(prices, table.usd_per_unit),
        params=table.params,
        max_samples=table.max_samples,
    )
    return confirm_key(model) if table.allow_key_host else model


def apply_use_cases(store: Store, study: Study, wanted: Sequence[UseCaseTable]) -> None:
    """Judge the use cases of a study so. Raises BadInput for one that the log did not make, before any is changed."""
    cases = {case.name: case for case in list_use_cases(store, study.id)}
    if missing := [each.name for each in wanted if each.name not in cases]:
        raise BadInput(
            f"The log has no use case {missing[0]!r}. Use cases named, merged or split by hand aren't "
            "recreated. Use the name from the import, or remove the table."
        )
    for each in wanted:
        case = cases[each.name]
        set_match(store, case, each.match)
        set_checks(store, case, each.checks)
        change(
            store, case, kind=each.kind or case.kind, endpoint=each.endpoint, margin=each.margin, ignored=each.ignored
        )
        if each.questions:
            save_rubric(store, case, each.questions)


def write_study_file(store: Store, study: Study) -> tuple[str, int]:
    """STUDY.toml that repeats a study, and how many lines it has. The logs are named as they were imported.

    It holds neither the logs nor people's reviews, nor which use cases were named, merged or split by hand.
    """
    logs, runs, models = list_logs(store, study.id), list_runs(store, study.id), list_models(store, study.id)
    kept = runs[0].options.kept if runs else {}
    is_recorded = bool(runs) and runs[0].baseline_lane is Lane.RECORDED
    baseline = next((model for model in models if model.role is Role.BASELINE and not is_recorded), None)
    content = {
        "study": study.name,
        "logs": [log.name for log in reversed(logs)],
        "redact": not logs or any(log.redacted for log in logs),
        **{key: kept[name] for key, name in OPTIONS.items() if name in kept},
        "margin": study.margin,
        "confidence": study.confidence,
        "max_ttft_p95_s": study.max_ttft_p95_s,
        "max_latency_p95_s": study.max_latency_p95_s,
        "traffic_share": None if study.traffic_share == 1 else study.traffic_share,
        "baseline": _model_table(baseline) if baseline else {"lane": Lane.RECORDED.value},
        "candidates": [_model_table(model) for model in models if model.role is Role.CANDIDATE] or None,
        "judges": [_model_table(model) for model in models if model.role is Role.JUDGE] or None,
        "use_cases": [_use_case_table(store, case) for case in list_use_cases(store, study.id)] or None,
    }
    text = f"{STUDY_FILE_HEAD}\n{tomli_w.dumps(_without_none(content), indent=2)}"
    return text, text.count("\n")


def _model_table(model: Model) -> dict[str, Any]:
    table = ModelTable(
        name=model.name,
        model=model.litellm_id,
        api_base=model.api_base,
        key_env=model.key_env,
        allow_key_host=bool(model.confirmed_key),
        max_samples=model.max_samples,
        params={name: _without_secrets(name, value) for name, value in model.params.items()},
        **{f"{kind}_price": price for kind, price in vars(model.prices).items()},
    )
    return table.model_dump(exclude_defaults=True)


def _use_case_table(store: Store, case: UseCase) -> dict[str, Any]:
    rubric = rubric_of(store, case)
    table = UseCaseTable(
        name=case.name,
        kind=case.kind,
        endpoint=case.endpoint,
        margin=case.margin,
        ignored=case.ignored,
        match=case.match,
        checks=case.checks,
        questions=rubric.questions if rubric.version else (),
    )
    return table.model_dump(mode="json", exclude_defaults=True)


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
