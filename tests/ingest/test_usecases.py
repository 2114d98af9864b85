"""Groups a product manager can decide on, whatever the labels are."""

from collections import Counter
from pathlib import Path
from typing import Any

from advisor.ingest.grouping.usecases import name_use_cases
from advisor.ingest.log import open_log, read_log
from advisor.types import Answer, Kind, Request, Sample

TOOL = {"type": "function", "function": {"name": "f"}}


def sample(system: str | None = None, user: str = "Hi", label: str | None = None, **more: Any) -> Sample:
    messages = [{"role": "system", "content": system}] if system else []
    answer = Answer(text=more.pop("answer")) if "answer" in more else None
    request = Request(messages=[*messages, {"role": "user", "content": user}], params=more)
    return Sample(request=request, use_case=label, answer=answer)


def test_labels_of_the_log_are_the_names() -> None:
    samples = [sample(label="Refunds")] * 6 + [sample(label="refunds")] * 2 + [sample(label="Search", tools=[TOOL])] * 5
    named = name_use_cases(samples)
    assert Counter(named) == {("Refunds", Kind.CHAT): 8, ("Search", Kind.TOOL_USE): 5}
    assert named[0][0] == "Refunds"
    assert named[-1][0] == "Search"


def test_labels_that_differ_on_every_row_do_not_explode() -> None:
    samples = [sample(label=f"cluster {n // 2}", user=f"Question {n}") for n in range(500)]
    assert {name for name, _ in name_use_cases(samples)} == {"Chat"}


def test_small_groups_are_merged_by_kind() -> None:
    samples = [sample(label="Big")] * 900
    samples += [sample(label=f"s{n}") for n in range(50)] + [sample(label=f"t{n}", tools=[TOOL]) for n in range(50)]
    assert Counter(name for name, _ in name_use_cases(samples)) == {"Big": 900, "Other chat": 50, "Other tool use": 50}


def test_a_few_left_over_do_not_make_a_use_case_of_their_own() -> None:
    samples = [sample(label="Big")] * 900
    samples += [sample(label=f"s{n}") for n in range(50)] + [sample(tools=[TOOL])]
    assert Counter(name for name, _ in name_use_cases(samples)) == {"Big": 900, "Other chat": 51}


def test_constant_system_prompts_make_groups() -> None:
    classify = "You are a support ticket classifier. Today is 2024-05-0{}. Answer with one label."
    summarise = "# Meeting summarizer\nSummarize the meeting."
    samples = [sample(classify.format(n % 9), f"ticket {n}", answer=["billing", "bug"][n % 2]) for n in range(20)]
    samples += [
        sample(summarise, f"minutes {n}", answer=f"They met {n} times and talked at length.") for n in range(20)
    ]
    samples += [sample("You are a helpful assistant.", f"{n}?") for n in range(20)]
    assert Counter(name_use_cases(samples)) == {
        ("Support ticket classifier", Kind.CLASSIFICATION): 20,
        ("Meeting summarizer", Kind.SUMMARY): 20,
        ("Chat", Kind.CHAT): 20,
    }


def test_kinds_without_any_words() -> None:
    samples = [sample(tools=[TOOL])] * 10 + [sample(response_format={"type": "json_schema"})] * 10 + [sample()] * 10
    assert Counter(name_use_cases(samples)) == {
        ("Tool use", Kind.TOOL_USE): 10,
        ("Structured output", Kind.EXTRACTION): 10,
        ("Chat", Kind.CHAT): 10,
    }


def test_one_use_case_has_one_kind_and_names_differ() -> None:
    samples = [sample("Router. First variant of it.", answer="x" * n) for n in range(60, 70)]
    samples += [sample("Router! Second variant of it.", answer="y" * n) for n in range(60, 70)]
    named = name_use_cases(samples)
    assert {name for name, _ in named} == {"Router", "Router (2)"}
    assert len(set(named)) == 2


def test_nothing_and_real_logs(shared: Path) -> None:
    assert name_use_cases([]) == []
    for name, most in (
        ("wire_openai_chat", 15),
        ("tau_bench_airline_gpt-4o.calls", 1),
        ("arena_hard_v01_gpt-4-0613", 1),
    ):
        samples = [
            item for _, item in read_log(open_log(shared / "logs" / f"{name}.jsonl")) if isinstance(item, Sample)
        ]
        named = name_use_cases(samples)
        assert len(named) == len(samples)
        sizes = Counter(named)
        assert len(sizes) <= most
        assert min(sizes.values()) >= 5
        assert len({use_case for use_case, _ in sizes}) == len(sizes)
