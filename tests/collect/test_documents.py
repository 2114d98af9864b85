"""Which samples go together because they share a text or a template."""

from pathlib import Path

import pytest

from advisor.collect.documents import shared_texts
from advisor.measure.run_lifecycle import start_run
from advisor.measure.sample_needs import asked_in_full, plan_needs, was_asked_in_full
from advisor.store import Store
from advisor.types import CallIds, Message, Request, Role, RunNote, RunOptions, StoredSample
from tests.made.log import call
from tests.made.study import study_with

PASSAGE = "Our return policy is long and has many parts that nobody reads. " * 6


def sample(n: int, prompt: str, system: str | None = None) -> StoredSample:
    messages = [{"role": "user", "content": prompt}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    return StoredSample(id=n, request=Request(messages=messages))


def test_questions_about_one_text_go_together() -> None:
    about = [sample(n, f"{PASSAGE}{n // 2}\n\nQuestion {n}?") for n in range(20)]
    found = shared_texts(about)
    assert len(found) == 20
    assert all(found[2 * n] == found[2 * n + 1] for n in range(10))
    assert len(set(found.values())) == 10


@pytest.mark.parametrize(("documents", "grouped"), [(1, False), (2, True), (3, True), (4, True)])
def test_few_texts_that_carry_a_use_case_are_its_groups(documents: int, grouped: bool) -> None:
    """What is told about one text holds for that text; of three or four each may be one that the model cannot read."""
    found = shared_texts([sample(n, f"{PASSAGE}{n % documents}\n\nQuestion {n}?") for n in range(60)])
    assert len(set(found.values())) == (documents if grouped else 0)
    assert len(found) == (60 if grouped else 0)


def test_what_one_conversation_repeats_is_no_text_that_others_share() -> None:
    turns = [(c, turn) for c in range(10) for turn in range(3)]

    def asked(about: str) -> list[StoredSample]:
        return [
            StoredSample(
                id=n,
                ids=CallIds(session=f"c{c}"),
                request=Request(
                    messages=[
                        {"role": "user", "content": f"{PASSAGE}{about.format(c)}{t}\n\nI am {c}."}
                        for t in range(turn + 1)
                    ]
                ),
            )
            for n, (c, turn) in enumerate(turns, start=1)
        ]

    assert shared_texts(asked("{} ")) == {}
    assert len(shared_texts(asked(""))) == 10, "what the third turns of all conversations hold is shared"


def test_long_instructions_of_a_use_case_are_its_own_template() -> None:
    asked = [sample(n, f"Question {n}?", f"You sort tickets for a shop.\n\n{PASSAGE}{n % 3}") for n in range(60)]
    assert shared_texts(asked) == {}


def test_the_templates_of_a_merged_use_case_are_its_groups() -> None:
    roles = ("a lawyer", "a doctor", "a teacher", "an engineer", "a cook", "a pilot")
    asked = [
        sample(n, f"Question {n}?", f"You are {roles[n % 6]}. Today is 2026-11-{1 + n % 20:02d}.") for n in range(60)
    ]
    found = shared_texts(asked)
    assert len(set(found.values())) == 6
    assert all(found[n] == found[n + 6] for n in range(54))


def test_the_use_cases_own_template_groups_nothing() -> None:
    assert shared_texts([sample(n, f"Question {n}?", "You sort tickets for a shop.") for n in range(60)]) == {}
    two = [sample(n, f"Question {n}?", ("You sort tickets.", "You answer mail.")[n % 2]) for n in range(60)]
    assert shared_texts(two) == {}


def test_a_template_that_more_samples_hold_displaces_no_document() -> None:
    roles = ("a lawyer", "a doctor", "a teacher", "an engineer", "a cook", "a pilot")
    asked = [sample(n, f"Question {n}?", f"You are {roles[n % 6]}.") for n in range(60)]
    for n in (0, 1):  # a lawyer and a doctor are asked about one document
        asked[n] = sample(n, f"{PASSAGE}\n\nQuestion {n}?", f"You are {roles[n]}.")
    found = shared_texts(asked)
    assert len(set(found[0]) & set(found[1])) == 1
    assert len(set(found[0]) & set(found[6])) == len(set(found[1]) & set(found[7])) == 1
    assert not set(found[6]) & set(found[7])


def test_of_passages_that_overlap_each_is_known() -> None:
    chain = [sample(n, f"{PASSAGE}{n}\n\n{PASSAGE}{n + 1}\n\nQuestion {n}?") for n in range(40)]
    found = shared_texts([*chain, sample(40, "Who are you?")])
    assert all(len(set(found[n]) & set(found[n + 1])) == 1 for n in range(39))
    assert not set(found[0]) & set(found[2])
    assert 40 not in found


@pytest.mark.parametrize(
    ("system", "prompt"),
    [
        ("Answer from what was found.\n\n{}", "{}"),
        ("Answer from what was found:\n{}", "{}"),
        ("You help.", "Context:\r\n\r\n{}\r\n\r\nQuestion: {}"),
        ("You help.", "Context: \n{}\nQuestion: {}"),
        ("You help.", "Question: what?\nContext: \n{}\nAnswer {}:"),
    ],
)
def test_what_search_found_is_seen_wherever_it_stands(system: str, prompt: str) -> None:
    def asked(n: int) -> StoredSample:
        found = f"{PASSAGE}{n // 4}"
        if "{}" in system:
            return sample(n, prompt.format(f"Question {n}?"), system.format(found))
        return sample(n, prompt.format(found, f"Question {n}?"), system)

    found = shared_texts([asked(n) for n in range(40)])
    assert len(set(found.values())) == 10
    assert all(found[4 * n] == found[4 * n + 3] for n in range(10))


@pytest.mark.parametrize(
    ("alike", "said"),
    [(0, None), (2, Message.of(RunNote.NO_EARLY_STOP, use_cases=["Mail"]))],
)
def test_what_cannot_stop_early_is_told_before_the_run_and_of_it(
    store: Store, tmp_path: Path, alike: int, said: Message | None
) -> None:
    texts = [f"{PASSAGE}\n\n{n}?" if n < alike else f"Write to customer {n}, please." for n in range(20)]
    mail = [call(n, text, metadata={"use_case": "Mail"}) for n, text in enumerate(texts)]
    rows = [*mail, *(call(n, f"Sort ticket {n}.", metadata={"use_case": "Triage"}) for n in range(20, 40))]
    study, _ = study_with(store, tmp_path, rows, Role.CANDIDATE)
    setup = RunOptions(early_stop=True)
    told = asked_in_full(store, study, setup)
    assert told == said
    needs = {need.use_case: (need.asked, need.worth) for need in plan_needs(store, study, setup)}
    # Two that share a text meet each other: 20 x 20 / (18 + 2 x 2).
    assert needs == {"Mail": (20, 18 if alike else None), "Triage": (20, None)}
    assert was_asked_in_full(store, start_run(store, study, setup)) == told


def test_a_prompt_of_its_own_stands_alone() -> None:
    assert shared_texts([sample(n, f"{PASSAGE}{n}", f"You are helper {'abcdefghij'[n]}{n}.") for n in range(10)]) == {}
