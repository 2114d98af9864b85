"""Which samples go together because they share a text or a template."""

from advisor.study.documents import documents_of
from advisor.types import Request, Sample

PASSAGE = "Our return policy is long and has many parts that nobody reads. " * 6


def sample(n: int, prompt: str, system: str | None = None) -> Sample:
    messages = [{"role": "user", "content": prompt}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    return Sample(id=n, request=Request(messages=messages))


def test_questions_about_one_text_go_together() -> None:
    about = [sample(n, f"{PASSAGE}{n // 2}\n\nQuestion {n}?") for n in range(20)]
    found = documents_of(about)
    assert len(found) == 20
    assert all(found[2 * n] == found[2 * n + 1] for n in range(10))
    assert len(set(found.values())) == 10


def test_the_templates_of_a_merged_use_case_are_its_clusters() -> None:
    roles = ("a lawyer", "a doctor", "a teacher", "an engineer", "a cook", "a pilot")
    asked = [
        sample(n, f"Question {n}?", f"You are {roles[n % 6]}. Today is 2026-11-{1 + n % 20:02d}.") for n in range(60)
    ]
    found = documents_of(asked)
    assert len(set(found.values())) == 6
    assert all(found[n] == found[n + 6] for n in range(54))


def test_the_use_cases_own_template_clusters_nothing() -> None:
    assert documents_of([sample(n, f"Question {n}?", "You sort tickets for a shop.") for n in range(60)]) == {}
    two = [sample(n, f"Question {n}?", ("You sort tickets.", "You answer mail.")[n % 2]) for n in range(60)]
    assert documents_of(two) == {}


def test_a_prompt_of_its_own_stands_alone() -> None:
    assert documents_of([sample(n, f"{PASSAGE}{n}", f"You are helper {'abcdefghij'[n]}{n}.") for n in range(10)]) == {}
