"""What a run would cost, before anything is spent."""

from collections.abc import Sequence, Set
from dataclasses import replace

from advisor.replay.asking import anchors_for
from advisor.replay.calls import AUDIT_OUTPUT_TOKENS, JUDGE_OUTPUT_TOKENS, count_characters, output_limit, sample_call
from advisor.replay.loading import BATCH
from advisor.replay.obstacles import known_of, obstacle_of
from advisor.replay.quote import Bill, Quote
from advisor.store import Store
from advisor.store.generations import CallKey
from advisor.store.known_answers import list_known
from advisor.store.logs import load_samples
from advisor.study.draft import Draft, Setup, draft_run
from advisor.study.models import why_not_asked
from advisor.types import Endpoint, Lane, Model, Role, Sample, Study

__all__ = ["Quote", "nobody_to_ask", "quote_draft", "quote_run"]


def quote_run(store: Store, study: Study, setup: Setup) -> Quote:
    """What a run would cost. Raises BadInput when it cannot be planned."""
    return quote_draft(store, study, setup, draft_run(store, study, setup))


def quote_draft(store: Store, study: Study, setup: Setup, draft: Draft) -> Quote:
    """Price a draft, a batch of samples at a time; what an earlier run was answered, or is not sent, costs nothing."""
    bill, reused, lost, judge_calls, judged_tokens, unjudged = Bill(), 0, 0, 0, 0, 0
    models = {model.id: model for model in draft.models}
    known = {model.id: known_of(model) for model in draft.models}
    why = {model.id: words for model in [*draft.models, *draft.judges] if (words := why_not_asked(model))}
    may_start = any(model.role is Role.CANDIDATE and model.id not in why for model in draft.models)
    shut = why if may_start else {}
    judges = [judge for judge in draft.judges if judge.id not in why]
    keys: dict[int, list[CallKey]] = {}
    for key in draft.keys:
        keys.setdefault(key.sample_id, []).append(key)
    for start in range(0, len(draft.sample_ids), BATCH):
        samples = list(load_samples(store, draft.sample_ids[start : start + BATCH]))
        calls = [sample_call(key, models[key.model_id], s) for s in samples for key in keys.get(s.id or 0, ())]
        answered = set() if setup.fresh else list_known(store, study.id, [call.digest for call in calls])
        left_out = set()
        for call in calls:
            if call.digest in answered:
                reused += 1
            elif call.model.id in shut:
                bill.shut_out(call.model, shut[call.model.id])
                left_out.add(call.key)
                lost += 1
            elif obstacle := obstacle_of(call, known[call.model.id]):
                bill.leave_out(call.model, obstacle)
                left_out.add(call.key)
            else:
                bill.add(call.model, call.input_tokens, call.output_tokens, output_limit(call.request.params))
        for sample in samples:
            if draft.decided.endpoints.get(sample.use_case or "") is Endpoint.PAIRWISE:
                pairs = _count_pairs(keys.get(sample.id or 0, ()), left_out)
                for judge in [judge for judge in judges for _ in range(2 * pairs)]:
                    bill.add(judge, _judged_tokens(sample), JUDGE_OUTPUT_TOKENS)
                    judge_calls += 1
                    judged_tokens += _judged_tokens(sample)
                unjudged += 2 * pairs
    for model in draft.judges if may_start else [*draft.models, *draft.judges]:
        if model.id in why:
            bill.shut_out(model, why[model.id], unjudged if model in draft.judges else bill.count(model))
    besides = _add_besides(bill, setup, replace(draft, judges=judges), judge_calls, judged_tokens)
    return bill.quote(
        samples=len(draft.sample_ids),
        calls=len(draft.keys),
        judge_calls=judge_calls,
        control_calls=besides,
        reused=reused,
        lost=lost,
    )


def nobody_to_ask(quote: Quote, models: Sequence[Model]) -> str | None:
    """Why a run of these models would come to nothing: none of its candidates can be asked. None: one can."""
    why = {name: words for name, words, _ in quote.unaskable}
    candidates = [model.name for model in models if model.role is Role.CANDIDATE]
    if not all(name in why for name in candidates):
        return None
    listed = "; ".join(f"{name}: {why[name]}" for name in candidates)
    return (
        f"No candidate can be asked ({listed}). Set the variable where the advisor runs, or put the key into "
        ".streamlit/secrets.toml under that name."
    )


def _add_besides(bill: Bill, setup: Setup, draft: Draft, judge_calls: int, judged_tokens: int) -> int:
    """What judges are asked besides the pairs, at most, at the length of the pairs; returns how many calls."""
    if not draft.judges:
        return 0
    tokens = judged_tokens // judge_calls if judge_calls else 1500
    anchors = 2 * sum(anchors_for(judge_calls // 2 // len(draft.judges)).values())
    names = draft.use_cases
    pairwise = {id_ for id_, name in names.items() if draft.decided.endpoints.get(name) is Endpoint.PAIRWISE}
    repeats = 2 * sum(key.lane is Lane.BASELINE and key.epoch == 2 and key.sample_id in pairwise for key in draft.keys)
    for judge in draft.judges:
        for _ in range(anchors + repeats):
            bill.add(judge, tokens, JUDGE_OUTPUT_TOKENS)
    sides = 1 + len({key.model_id for key in draft.keys if key.lane is Lane.CANDIDATE})
    audits = sides * sum(min(setup.audited, list(names.values()).count(name)) for name in set(names.values()))
    for _ in range(audits):
        bill.add(draft.judges[0], tokens, AUDIT_OUTPUT_TOKENS)
    return len(draft.judges) * (anchors + repeats) + audits


def _count_pairs(keys: Sequence[CallKey], left_out: Set[CallKey]) -> int:
    """How many pairs of answers to one sample there are to compare, if all of its calls that are sent are answered."""
    if any(key.lane is Lane.BASELINE and key in left_out for key in keys):
        return 0
    return sum(key.lane is Lane.CANDIDATE and key.epoch == 1 and key not in left_out for key in keys)


def _judged_tokens(sample: Sample) -> int:
    """What a judge reads: the prompt, two answers and its instructions."""
    answer = len(sample.answer.text or "") if sample.answer else 1000
    return (count_characters(sample.request.messages) + 2 * answer) // 3 + 400
