"""The traffic of a log for load tools, without its texts: when calls came, how long they were, what they share.

A block of BLOCK_TOKENS tokens gets a number that stands for the text up to its end. Numbers count up from 0 in the
order in which texts first come, so they tell no more than which prompts begin alike. The log says how many tokens a
prompt has, not where they lie in its text: the study's average of characters to a token places the blocks.
"""

import json
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from advisor.analysis.money.stay import BLOCK, blocks_of
from advisor.money.prompt_caching import prompt_text
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts, load_samples
from advisor.text.ready.load_test import readme
from advisor.types import Study
from advisor.types.deployment import Served, Serving, Trace, TracedCall

BLOCK_TOKENS = 64
MOST = 10_000
"""Calls of a trace: of a longer log the stretch in which so many came fastest."""
COLUMNS = ("id", "use_case", "at", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "error")


class Prompt(NamedTuple):
    """One prompt by its marks (blocks_of), which never leave the program."""

    tokens: int
    characters: int
    marks: tuple[int, ...]
    whole: int
    """A mark of the whole text."""


def make_trace(store: Store, study: Study, use_cases: Sequence[str] = (), most: int = MOST) -> Trace:
    """The calls that worked, with their times and tokens; of these use cases, or of all."""
    facts = load_sample_facts(store, study.id, COLUMNS)
    if use_cases:
        facts = facts[facts["use_case"].isin(use_cases)]
    usable = facts[facts["at"].notna() & facts["error"].isna() & (facts["output_tokens"] > 0)]
    usable = usable.assign(tokens=usable[["input_tokens", "cache_read_tokens", "cache_write_tokens"]].sum(axis=1))
    usable = usable[usable["tokens"] > 0].sort_values(["at", "id"])
    at = usable["at"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    start = 0 if len(at) <= most else int((at[most - 1 :] - at[: len(at) - most + 1]).argmin())
    chosen, at = usable.iloc[start : start + most], at[start : start + most]
    tokens = dict(zip(chosen["id"].tolist(), chosen["tokens"].astype(int).tolist(), strict=True))
    prompts = {}
    for sample in load_samples(store, tokens):
        text = prompt_text(sample.request)
        prompts[sample.id] = Prompt(tokens[sample.id], len(text), blocks_of(text), hash(text))
    blocks = number_blocks([prompts[id] for id in tokens])
    output = chosen["output_tokens"].astype(int).tolist()
    calls = tuple(
        TracedCall(when - int(at[0]), read, made, mine)
        for when, read, made, mine in zip(at.tolist(), tokens.values(), output, blocks, strict=True)
    )
    return Trace(
        study=study.name,
        use_cases=tuple(use_cases),
        calls=calls,
        usable=len(usable),
        left_out=len(facts) - len(usable),
        traffic_share=study.traffic_share,
        repeated=repeated(calls),
    )


def repeated(calls: Sequence[TracedCall]) -> float | None:
    """The share of the input tokens in blocks that came before."""
    seen: set[int] = set()
    again = 0
    for call in calls:
        for place, number in enumerate(call.blocks):
            again += min(BLOCK_TOKENS, call.input_tokens - place * BLOCK_TOKENS) if number in seen else 0
        seen.update(call.blocks)
    return again / sum(call.input_tokens for call in calls) if calls else None


def number_blocks(prompts: Sequence[Prompt]) -> list[tuple[int, ...]]:
    """The numbers of each prompt's blocks; its tokens fill all but the last.

    A block stands for the marks up to the first one at or behind its end: less is shared than by the texts, never more.
    What ends before the next mark, or within a block, is shared by equal texts only.
    """
    tokens, characters = sum(prompt.tokens for prompt in prompts), sum(prompt.characters for prompt in prompts)
    marks_a_block = BLOCK_TOKENS * characters / max(tokens, 1) / BLOCK
    numbers: dict[tuple[object, ...], int] = {}
    numbered = []
    for prompt in prompts:
        keys: list[tuple[object, ...]] = []
        for place in range(math.ceil(prompt.tokens / BLOCK_TOKENS)):
            mark = math.ceil((place + 1) * marks_a_block)
            is_full = (place + 1) * BLOCK_TOKENS <= prompt.tokens
            of_text = (prompt.whole, prompt.tokens)
            keys.append((place, prompt.marks[mark - 1] if is_full and 0 < mark <= len(prompt.marks) else of_text))
        numbered.append(tuple(numbers.setdefault(key, len(numbers)) for key in keys))
    return numbered


def trace_files(trace: Trace, serving: Serving) -> dict[str, str]:
    """The same calls for AIPerf, which counts milliseconds, and for GuideLLM, which counts seconds."""

    def lines(a_unit: int) -> str:
        rows = (
            {
                "timestamp": call.at_ms if a_unit == 1 else call.at_ms / a_unit,
                "input_length": call.input_tokens,
                "output_length": call.output_tokens,
                "hash_ids": call.blocks,
            }
            for call in trace.calls
        )
        return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)

    return {
        "README.md": readme(trace, BLOCK_TOKENS, _started(serving)),
        "aiperf.jsonl": lines(1),
        "guidellm.jsonl": lines(1000),
    }


def _started(serving: Serving) -> Served | None:
    """The server that the plan moves to, one's own first, else the only one; None: there are several."""
    moved = [model for model in serving.models if model.use_cases]
    found = [model for model in moved if model.called.at] or moved or serving.models
    return found[0] if len(found) == 1 else None
