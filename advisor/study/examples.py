"""Pairs of answers as text: any that are asked for, and three for the report (a loss, a win and a draw)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from advisor.store import Store
from advisor.store.generations import load_generations
from advisor.store.logs import load_samples
from advisor.store.pairs import in_parts
from advisor.study.agreement import PairKey
from advisor.study.evidence import candidate_y
from advisor.study.facts import RunFacts
from advisor.study.results import text_of
from advisor.types import Endpoint, Example, Json, Lane, Model, Recommendation, Run, Sample, UseCaseDecision

LOST, WON, SAME = "The candidate did worse here.", "The candidate did better here.", "Both are as good here."


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A pair with who was better: 1 the candidate, 0 the baseline, 0.5 neither."""

    sample: Sample
    model: Model
    outcome: float


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """One sample with the baseline's and a candidate's first answer as text; empty where there is none."""

    sample: Sample
    baseline: str
    candidate: str


def load_texts(store: Store, run: Run, pairs: Collection[PairKey]) -> dict[PairKey, SideBySide]:
    """The texts of some pairs of a run; nothing else is read."""
    ids = sorted({sample_id for sample_id, _ in pairs})
    samples = {sample.id or 0: sample for sample in load_samples(store, ids)}
    answers: dict[tuple[int, int | None], str] = {}
    for some in in_parts(ids):
        for key, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE], sample_ids=some):
            side = key.model_id if key.lane is Lane.CANDIDATE else None
            if key.epoch == 1:
                answers[(key.sample_id, side)] = text_of(generation.answer)
    recorded = run.baseline_lane is Lane.RECORDED
    return {
        pair: SideBySide(
            sample=samples[pair[0]],
            baseline=text_of(samples[pair[0]].answer) if recorded else answers.get((pair[0], None), ""),
            candidate=answers.get(pair, ""),
        )
        for pair in pairs
        if pair[0] in samples
    }


def choose_examples(facts: RunFacts, recommendation: Recommendation) -> tuple[Example, ...]:
    """A loss, a win and a draw, each from another use case where there is one; models that may take over first."""
    examples: list[Example] = []
    used: set[str] = set()
    for note, outcome in ((LOST, 0.0), (WON, 1.0), (SAME, 0.5)):
        found = [pair for pair in compared_pairs(facts, recommendation) if pair.outcome == outcome]
        found.sort(key=lambda pair: (pair.sample.use_case in used, _length(pair.sample)))
        if found:
            pair = found[0]
            used.add(pair.sample.use_case or "")
            examples.append(show_pair(facts, pair, note))
    return tuple(examples)


def compared_pairs(facts: RunFacts, recommendation: Recommendation) -> Iterator[Compared]:
    """Every pair with an outcome, the chosen candidates first."""
    by_name = {decision.name: decision for decision in recommendation.use_cases}
    chosen = {decision.chosen for decision in recommendation.use_cases}
    for model in sorted(facts.candidates, key=lambda model: model.name not in chosen):
        for sample in facts.samples.values():
            decision = by_name.get(sample.use_case or "")
            outcome = _outcome(facts, sample, model, decision) if decision else None
            if outcome is not None:
                yield Compared(sample=sample, model=model, outcome=outcome)


def show_pair(facts: RunFacts, pair: Compared, note: str) -> Example:
    """A pair as text."""
    return Example(
        use_case=pair.sample.use_case or "",
        model=pair.model.name,
        prompt=prompt_text(pair.sample.request.messages),
        baseline=text_of(facts.baseline(pair.sample).answer),
        candidate=text_of(facts.candidate(pair.sample, pair.model).answer),
        note=note,
        illustrative=pair.model.illustrative,
    )


_SYSTEM = ("system", "developer")


def system_prompt(messages: list[dict[str, Json]]) -> str:
    """The system prompt as plain text; nothing where there is none, or nothing else was asked."""
    told = [content_text(message) for message in messages if message.get("role") in _SYSTEM]
    return "\n\n".join(told) if len(told) < len(messages) else ""


def prompt_text(messages: list[dict[str, Json]]) -> str:
    """The messages after the system prompt as plain text, each turn with its role where there are several."""
    turns = [message for message in messages if message.get("role") not in _SYSTEM] or messages
    if len(turns) == 1:
        return content_text(turns[0])
    return "\n\n".join(f"{message.get('role', 'user')}: {content_text(message)}" for message in turns)


def split_prompt(messages: list[dict[str, Json]]) -> tuple[str, str]:
    """(what came before, what is asked): the last thing a user wrote and all after it is what an answer answers.

    What came before are instructions and earlier turns, each with its role; empty where there is nothing.
    """
    asked = next((n for n in reversed(range(len(messages))) if messages[n].get("role") == "user"), 0)
    before = [f"{message.get('role', 'user')}: {content_text(message)}" for message in messages[:asked]]
    return "\n\n".join(before), prompt_text(messages[asked:])


def both_ends(text: str, most: int) -> str:
    """A long text without its middle, about ``most`` characters: what to do is said at its beginning or at its end."""
    if len(text) <= most:
        return text
    start = text[: most // 3].rsplit(maxsplit=1)[0].rstrip()
    end = text[-(most - most // 3) :].split(maxsplit=1)[-1].rstrip()
    return f"{start}\n\n[… {len(text) - len(start) - len(end):,} more characters …]\n\n{end}"


def content_text(message: dict[str, Json]) -> str:
    """The text of one message; parts that are not text are named in brackets."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(
            str(part.get("text") or f"[{part.get('type', 'part')}]") if isinstance(part, dict) else str(part)
            for part in content
        )
    calls = [
        f"{call['function'].get('name')}({call['function'].get('arguments')})"
        for call in message.get("tool_calls") or []
        if isinstance(call, dict) and isinstance(call.get("function"), dict)
    ]
    return "\n".join([str(content or ""), *calls]).strip()


def _outcome(facts: RunFacts, sample: Sample, model: Model, decision: UseCaseDecision) -> float | None:
    source = next((a.evidence for a in decision.candidates if a.model == model.name), "none")
    y = candidate_y(facts, sample, model.id or 0, decision.endpoint, source)
    if source in ("judge", "reviews"):
        judged = facts.score(sample, model.id or 0, Endpoint.PAIRWISE.value)
        return facts.reviews.get((sample.id or 0, model.id or 0), judged.value if judged else None)
    if y is None or not text_of(facts.candidate(sample, model).answer):
        return None
    if decision.endpoint is Endpoint.PAIRWISE:
        return y
    score = facts.score(sample, facts.baseline_id, decision.endpoint.value)
    if score is None or score.value is None:
        return None
    return 0.5 if y == score.value else float(y > score.value)


def _length(sample: Sample) -> int:
    return len(prompt_text(sample.request.messages))
