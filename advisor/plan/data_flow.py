"""Who gets the prompts before and after a move, and what the license asks for."""

from collections.abc import Iterable
from dataclasses import replace

from advisor.catalog.hosts import Host, host_of
from advisor.catalog.listed_models import listed_entry
from advisor.types import Report, Risk, StoredModel
from advisor.types.dossier import DataFlow, Processor


def data_flows(report: Report) -> tuple[DataFlow, ...]:
    """Who gets the prompts before and after each move, moves with the same answer together."""
    models = {model.name: model for model in report.models}
    found: dict[tuple[Processor, Processor], list[str]] = {}
    for case, move in report.moves:
        if case.target:
            after = _processor(models.get(case.chosen or ""), case.chosen or "")
            asked = next((risk.values for risk in move.risks if risk.code == Risk.LICENCE), {})
            after = replace(after, licence=case.target.licence, **asked)
            found.setdefault((_logged_at(case.baseline_facts.model), after), []).append(case.name)
    return tuple(
        DataFlow(use_cases=tuple(names), before=before, after=after) for (before, after), names in found.items()
    )


def providers(models: Iterable[str]) -> dict[str, str]:
    """Who makes each model of a log, where the lists know."""
    found = {model: _logged_at(model).name for model in models}
    return {model: name for model, name in found.items() if name}


def _logged_at(model: str) -> Processor:
    """The maker of a model in a log, which names no host."""
    provider = (listed_entry(model) or {}).get("litellm_provider")
    return _at(model, host_of(f"{provider}/{model}")) if provider else Processor(model=model)


def _processor(model: StoredModel | None, name: str) -> Processor:
    if model is None or model.illustrative:
        return Processor(model=name)
    if model.api_base:
        return Processor(model=name, is_own=True)
    return _at(name, host_of(model.litellm_id))


def _at(model: str, host: Host) -> Processor:
    return Processor(
        model=model,
        name=host.name,
        regions=host.regions,
        retention=host.retention,
        trains_on_data=host.trains_on_data,
        checked_on=host.checked_on,
    )
