"""What licences say to companies: every threshold from both sides, and nothing allowed that was not read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.catalog.licences import STRONG, Licence, Permission, licence, licence_fit, model_fit
from advisor.catalog.list_copies import LicenceChange
from advisor.catalog.open_models import candidates_catalog
from advisor.errors import BadInput
from advisor.text.catalog import WEAK, permission_words
from advisor.types import LicenceCode, Message
from advisor.types.licences import UNSAID, Company, Fit

SMALL = Company(revenue_usd=5e6, monthly_users=10_000, third_parties=False, assistant=False, eu=True)
MODELS = {model.id: model for model in candidates_catalog()}


def company(**said: object) -> Company:
    return replace(SMALL, **said)  # type: ignore[arg-type]


def words(told: Permission) -> str:
    return permission_words(told.reasons)


def fit(model_id: str, **said: object) -> Permission:
    return model_fit(company(**said), MODELS[model_id])


@pytest.mark.parametrize(
    ("model_id", "said", "expected"),
    [
        ("gpt-oss-120b", {"revenue_usd": 1e12, "monthly_users": 10**9, "third_parties": True}, Fit.ALLOWED),
        ("glm-5.3-flash", {"assistant": True}, Fit.ALLOWED),  # MIT, unlike GLM-5.3
        # Mistral Medium 3.5: nobody in a group with more than 20 million a month, inside the company included.
        ("mistral-medium-3.5-128b", {"revenue_usd": 241e6}, Fit.NOT_ALLOWED),
        ("mistral-medium-3.5-128b", {"revenue_usd": 120e6}, Fit.ALLOWED),
        ("mistral-medium-3.5-128b", {"revenue_usd": 200e6}, Fit.NEEDS_REVIEW),  # a strong month may be above
        # Qwen Community 1.0: selling the model or an assistant, whatever the size.
        ("qwen3.8-flash-next", {}, Fit.ALLOWED),
        ("qwen3.8-flash-next", {"revenue_usd": 0.0, "third_parties": True}, Fit.NOT_ALLOWED),
        ("qwen3.8-flash-next", {"revenue_usd": 0.0, "assistant": True}, Fit.NOT_ALLOWED),
        ("qwen3.8-flash-next", {"monthly_users": 100_000_001}, Fit.CONDITIONS),
        # Kimi K3: selling the model above 20 million a year; a name to show for very large products.
        ("kimi-k3", {"third_parties": True, "revenue_usd": 20e6}, Fit.ALLOWED),
        ("kimi-k3", {"third_parties": True, "revenue_usd": 21e6}, Fit.NOT_ALLOWED),
        ("kimi-k3", {"revenue_usd": 241e6}, Fit.CONDITIONS),
        # Qwen3.8-Max: the model or an assistant above 50 million a year.
        ("qwen3.8-2.4t-a95b", {"third_parties": True, "revenue_usd": 49e6}, Fit.ALLOWED),
        ("qwen3.8-2.4t-a95b", {"third_parties": True, "revenue_usd": 51e6}, Fit.NOT_ALLOWED),
        ("qwen3.8-2.4t-a95b", {"assistant": True, "revenue_usd": 51e6}, Fit.NOT_ALLOWED),
        ("qwen3.8-2.4t-a95b", {"revenue_usd": 51e6}, Fit.ALLOWED),
        # GLM-5.3: selling the model above 10 billion a year.
        ("glm-5.3", {"third_parties": True, "revenue_usd": 9e9}, Fit.ALLOWED),
        ("glm-5.3", {"third_parties": True, "revenue_usd": 11e9}, Fit.NOT_ALLOWED),
        ("glm-5.3", {"revenue_usd": 11e9}, Fit.ALLOWED),
        # Llama 4 reads images: no rights in the EU. Llama 3.3 does not.
        ("llama-4-maverick", {}, Fit.NOT_ALLOWED),
        ("llama-4-maverick", {"eu": False}, Fit.CONDITIONS),
        ("llama-4-maverick", {"eu": False, "monthly_users": 700_000_001}, Fit.NOT_ALLOWED),
        ("llama-3.3-70b", {}, Fit.CONDITIONS),
        ("llama-3.3-70b", {"monthly_users": 800_000_000}, Fit.NOT_ALLOWED),
        ("minimax-m3", {}, Fit.CONDITIONS),
        ("minimax-m3", {"revenue_usd": 21e6}, Fit.NOT_ALLOWED),
        ("lfm2.5-8b-a1b", {"revenue_usd": 11e6}, Fit.NOT_ALLOWED),
        ("kimi-k2.6", {}, Fit.ALLOWED),
        ("kimi-k2.6", {"monthly_users": 100_000_001}, Fit.CONDITIONS),
        # Not read, or by nobody who can be relied on.
        ("kimi-k3.1-pro", {}, Fit.NEEDS_REVIEW),
        ("nemotron-3.5-super-vl", {}, Fit.NEEDS_REVIEW),
        ("muse-spark-open", {}, Fit.NEEDS_REVIEW),
        ("minimax-m3.1-flash", {}, Fit.NEEDS_REVIEW),
        ("mistral-large-4", {}, Fit.NEEDS_REVIEW),
        ("mistral-large-4", {"third_parties": True}, Fit.NOT_ALLOWED),
    ],
)
def test_thresholds_from_both_sides(model_id: str, said: dict[str, object], expected: Fit) -> None:
    told = fit(model_id, **said)
    assert told.fit is expected, words(told)


@pytest.mark.parametrize(
    ("licence_id", "expected"),
    [
        ("mit", Fit.ALLOWED),
        ("cc-by-nc-4.0", Fit.NOT_ALLOWED),
        ("mrl", Fit.NOT_ALLOWED),
        ("apple-amlr", Fit.NOT_ALLOWED),
        ("gemma", Fit.NEEDS_REVIEW),
        ("upstage-solar-license", Fit.NEEDS_REVIEW),
        ("unknown", Fit.NEEDS_REVIEW),
        ("tencent-hunyuan", Fit.NOT_ALLOWED),  # the company is in the EU
    ],
)
def test_licences_of_other_models(licence_id: str, expected: Fit) -> None:
    found = licence(licence_id)
    assert found is not None
    assert licence_fit(SMALL, found).fit is expected


def test_what_is_not_said_is_never_taken_as_a_no() -> None:
    for model in MODELS.values():
        said = model_fit(UNSAID, model)
        worst = [model_fit(one, model).fit for one in _all_companies()]
        if said.fit is Fit.ALLOWED:
            assert set(worst) == {Fit.ALLOWED}, model.id
        if said.fit is Fit.CONDITIONS:
            assert not {Fit.NEEDS_REVIEW, Fit.NOT_ALLOWED} & set(worst), model.id


def _all_companies() -> list[Company]:
    answers = (False, True)
    return [
        Company(revenue_usd=revenue, monthly_users=users, third_parties=sells, assistant=assistant, eu=eu)
        for revenue in (0.0, 1e12)
        for users in (0, 10**10)
        for sells in answers
        for assistant in answers
        for eu in answers
    ]


def test_the_reason_names_what_is_missing_and_only_that() -> None:
    told = fit("kimi-k3", third_parties=None)
    assert told.fit is Fit.ALLOWED, "5 million of revenue decides it"
    told = fit("kimi-k3", third_parties=None, revenue_usd=50e6)
    assert told.fit is Fit.NEEDS_REVIEW
    assert told.is_unanswered
    assert words(told).startswith("It depends on whether others use the model itself through you. If")
    assert not fit("kimi-k3.1-pro").is_unanswered, "no answer settles a licence that nobody read"


def test_the_reason_says_which_case_holds() -> None:
    told = fit("qwen3.8-flash-next", assistant=True)
    assert words(told).startswith("Because you sell a coding or office assistant: ")
    assert "others use" not in words(told)
    assert "$20 million a month" in words(fit("mistral-medium-3.5-128b")), "what would end it"


def test_doubt_about_the_licence_of_a_model_outweighs_a_free_licence() -> None:
    model = MODELS["gpt-oss-20b"]
    model = replace(model, remarks=replace(model.remarks, licence_evidence="presumed"))
    told = model_fit(SMALL, model)
    assert told.fit is Fit.NEEDS_REVIEW
    assert told.reasons == (Message.of(LicenceCode.EVIDENCE, evidence="presumed"),)
    assert model_fit(SMALL, replace(model, licence="none-such")).fit is Fit.NEEDS_REVIEW
    assert model_fit(SMALL, replace(model, licence=None)).fit is Fit.NEEDS_REVIEW


@pytest.mark.parametrize("word", ["", "Unverified", "presumed (from K3)", "knowledge", "general-knowledge-unverified"])
def test_only_evidence_that_is_known_to_be_strong_leads_to_allowed(word: str) -> None:
    model = MODELS["gpt-oss-20b"]
    assert model_fit(SMALL, model).fit is Fit.ALLOWED
    told = model_fit(SMALL, replace(model, remarks=replace(model.remarks, licence_evidence=word)))
    assert told.fit is Fit.NEEDS_REVIEW
    assert told.reasons[0] == Message.of(LicenceCode.EVIDENCE, evidence=word)
    assert word in words(told)


@pytest.mark.parametrize("amount", [float("nan"), float("inf")])
def test_an_amount_that_is_no_number_is_no_answer(amount: float) -> None:
    for model_id in ("kimi-k3", "mistral-medium-3.5-128b", "glm-5.3"):
        assert fit(model_id, revenue_usd=amount, third_parties=True).fit is Fit.NEEDS_REVIEW


def test_a_licence_that_changed_since_waits_for_a_person() -> None:
    change = LicenceChange(model="m", repo="r", before="apache-2.0", after="other", seen_on="2026-11-26")
    told = model_fit(SMALL, MODELS["gpt-oss-20b"], change=change)
    assert told.fit is Fit.NEEDS_REVIEW
    assert [reason.code for reason in told.reasons] == [LicenceCode.CHANGED]
    assert "from apache-2.0 to other" in words(told)


def test_every_model_of_the_catalog_has_a_licence_with_evidence_that_is_explained() -> None:
    assert {model.remarks.licence_evidence for model in MODELS.values()} <= STRONG | WEAK.keys()
    for model in MODELS.values():
        assert model.licence is not None
        assert licence(model.licence) is not None


def test_free_means_read_or_common_knowledge() -> None:
    for found in _licences():
        if not found.unread and not any(() in clause.cases for clause in found.not_allowed_if):
            is_read = any(words in found.evidence for words in ("text read", "readings of the LICENSE file agree"))
            assert is_read or found.id in ("apache-2.0", "mit"), found.id


def _licences() -> list[Licence]:
    return [found for model in MODELS.values() if model.licence and (found := licence(model.licence))]


@pytest.mark.parametrize(
    "cells",
    [
        {"exclusion_uses": "third_parties"},  # no words
        {"exclusion": "no", "exclusion_uses": "whoever"},
        {"exclusion": "no", "exclusion_revenue_year": "20 million"},
        {"duty_monthly_users": "100"},
        {"eu_exclusion": "no", "eu_exclusion_models": "some"},
    ],
)
def test_a_damaged_condition_is_named_with_its_row(write_licences: Callable[..., None], cells: dict[str, str]) -> None:
    write_licences(**cells)
    with pytest.raises(BadInput, match=r"Row 1 of licences\.csv|no column"):
        licence("mit")


@pytest.fixture
def write_licences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a catalog of one licence, MIT."""
    monkeypatch.setattr("advisor.catalog.licences.DATA", tmp_path)

    def write(**cells: str) -> None:
        columns = (Path(__file__).parents[2] / "data" / "catalog" / "licences.csv").read_text("utf-8").splitlines()[0]
        row = {"licence_id": "mit", "name": "MIT", **cells}
        (tmp_path / "catalog").mkdir()
        line = ",".join(row.get(column, "") for column in columns.split(","))
        (tmp_path / "catalog" / "licences.csv").write_text(f"{columns}\n{line}\n", "utf-8")

    return write


def test_one_use_above_one_limit_suffices(write_licences: Callable[..., None]) -> None:
    limits = {"exclusion_monthly_users": "1000", "exclusion_revenue_year": "5000"}
    write_licences(exclusion="no", exclusion_uses="third_parties assistant", **limits)
    found = licence("mit")
    assert found is not None
    small = {"monthly_users": 1000, "revenue_usd": 5000.0}
    cases: list[tuple[dict[str, object], Fit]] = [
        ({"third_parties": True, **small}, Fit.ALLOWED),
        ({"third_parties": True, **small, "monthly_users": 1001}, Fit.NOT_ALLOWED),
        ({"assistant": True, **small, "revenue_usd": 5001.0}, Fit.NOT_ALLOWED),
        ({"monthly_users": 1001, "revenue_usd": 5001.0}, Fit.ALLOWED),
        ({"assistant": None, **small}, Fit.ALLOWED),
        ({"assistant": None, **small, "monthly_users": 1001}, Fit.NEEDS_REVIEW),
    ]
    for said, expected in cases:
        assert licence_fit(company(**said), found).fit is expected, said


def test_every_reason_is_made_of_sentences() -> None:
    for one in MODELS.values():
        told = model_fit(SMALL, one)
        assert words(told).endswith("."), one.id
        assert "  " not in words(told)
