"""An executive summary by a registered model, kept only if every number in it is a fact of the report."""

import asyncio
import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from advisor.catalog.prices import price_call
from advisor.decide.flags import failed_judges
from advisor.errors import BadInput
from advisor.llm.builtin import builtin_server
from advisor.llm.opening import open_client
from advisor.measure.replay.calls import CHARACTERS_PER_TOKEN, count_characters, with_params_of
from advisor.store import Store
from advisor.store.reports import read_narrative, save_narrative
from advisor.text.business_case.narrative import TASK, material, refusal, wrong_numbers
from advisor.types import WRITTEN, Generation, Model, Recommendation, Request, StoredModel, Study, Usage, Verdict
from advisor.types.dossier import Dossier, Narrative

MOST_TOKENS = 2_000
"""Room for models that think first."""
EXPECTED_TOKENS = 400
TIMEOUT_S = 120.0


def can_write(model: Model, decision: Recommendation) -> bool:
    """Whether it can be asked at all, and failed neither as a candidate wherever it is decided nor its exam."""
    assessed = [a for case in decision.use_cases for a in case.candidates if a.model == model.name]
    verdicts = {a.ruling.verdict for a in assessed}
    has_failed = (Verdict.KEEP in verdicts and Verdict.SWITCH not in verdicts) or model.name in failed_judges(decision)
    return not model.litellm_id.startswith(WRITTEN) and not has_failed


def expected_usd(dossier: Dossier, model: Model) -> float | None:
    """About what a summary costs; None: unpriced."""
    input_tokens = int(count_characters(_request(dossier).messages) / CHARACTERS_PER_TOKEN)
    usage = Usage(input_tokens=input_tokens, output_tokens=EXPECTED_TOKENS)
    priced = price_call(model, usage, datetime.now(UTC))
    return priced[0] if priced else None


def write_narrative(store: Store, study: Study, dossier: Dossier, model: StoredModel) -> Narrative:
    """Ask for a summary, check it and keep it. Raises AdvisorError when the call fails, BadInput for a wrong number."""
    with ExitStack() as stack:
        base = stack.enter_context(builtin_server()) if model.is_builtin else None
        made = asyncio.run(_ask(model, with_params_of(model, _request(dossier)), base))
    text = ((made.answer and made.answer.text) or "").strip()
    wrong = wrong_numbers(text, dossier)
    if wrong or not text or (made.answer and made.answer.finish_reason == "length"):
        raise BadInput(refusal(model.name, wrong))
    priced = made.usage and price_call(model, made.usage, made.at or datetime.now(UTC))
    narrative = Narrative(model=model.name, text=text, cost_usd=priced[0] if priced else None)
    save_narrative(store, study.id, dossier.report.recommendation.created_at, narrative)
    return narrative


def with_narrative(store: Store, study: Study, dossier: Dossier) -> Dossier:
    """With the summary of this decision, while its numbers still are facts: scenarios and dates change them."""
    found = read_narrative(store, study.id, dossier.report.recommendation.created_at)
    return replace(dossier, narrative=found) if found and not wrong_numbers(found.text, dossier) else dossier


def _request(dossier: Dossier) -> Request:
    facts = json.dumps(material(dossier), ensure_ascii=False)
    messages = [{"role": "system", "content": TASK}, {"role": "user", "content": facts}]
    return Request(messages=messages, params={"max_tokens": MOST_TOKENS})


async def _ask(model: Model, request: Request, base: str | None) -> Generation:
    client = open_client(model, api_base=base)
    try:
        await client.open()
        return await client.complete(request, stream=False, timeout_s=TIMEOUT_S)
    finally:
        await client.close()
