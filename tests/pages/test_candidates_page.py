"""Candidates: adding, probing in words, keys by name only, deleting."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.collect.use_cases import change
from advisor.measure.run_lifecycle import start_run
from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import add_model, delete_model, list_models, set_probe
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import Vote, save_judgements
from advisor.text.catalog import ENTER_PRICE, NO_PRICE
from advisor.types import Endpoint, Judgement, Kind, Model, Planning, Preference, Prices, Probe, Role, RunOptions, Study
from advisor.ui.models.new_model import OTHER, OWN_SERVER
from tests.made.drafts import drafting
from tests.made.log import call
from tests.made.run import made_study

PAGE = "pages/models/candidates.py"
Open = Callable[..., AppTest]


def shown(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption)).replace("\\", "")


def begin(app: AppTest, host: str = OTHER) -> AppTest:
    """Choose a host: the rest of the form follows."""
    app.selectbox(key="model_host").set_value(host).run()
    return app


def labels(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def fill(app: AppTest, **fields: Any) -> AppTest:
    for key, value in fields.items():
        (app.number_input if key.endswith("price") else app.text_input)(key=f"model_{key}").set_value(value)
    return app


def test_a_new_model_is_a_candidate_unless_said_otherwise(open_page: Open, sample_study: Study) -> None:
    assert begin(open_page(PAGE)).segmented_control(key="model_role").value is Role.CANDIDATE


@pytest.mark.slow
def test_a_model_by_hand(open_page: Open, store: Store, sample_study: Study) -> None:
    app = begin(open_page(PAGE), OWN_SERVER)
    app.text_input(key="model_litellm_id").set_value("ours")
    fill(
        app,
        name="Ours",
        api_base="http://127.0.0.1:9/v1",
        key_env="OURS_API_KEY",
        input_price=0.2,
        output_price=0.6,
    )
    app.segmented_control(key="model_role").set_value(Role.JUDGE)
    app.button(key="add_model").click().run()
    assert not app.exception
    model = list_models(store, sample_study.id)[-1]
    assert (model.name, model.litellm_id, model.role, model.key_env) == (
        "Ours",
        "openai/ours",
        Role.JUDGE,
        "OURS_API_KEY",
    )
    assert (model.prices.input, model.prices.output) == (0.2, 0.6)
    assert "Added Ours" in app.success[0].value
    assert app.selectbox(key="model_host_1").value is None, "the form is empty again"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"litellm_id": ""}, "needs a name"),
        ({"litellm_id": "openai/x", "input_price": 1.0}, "both prices"),
        ({"litellm_id": "nobody-knows-me/x"}, "no known provider"),
    ],
)
def test_nonsense_is_refused_in_words(
    open_page: Open, store: Store, sample_study: Study, fields: dict[str, object], words: str
) -> None:
    before = list_models(store, sample_study.id)
    app = fill(begin(open_page(PAGE)), **fields)
    app.button(key="add_model").click().run()
    assert not app.exception
    assert words in app.error[0].value
    assert list_models(store, sample_study.id) == before


def test_a_refused_live_baseline_leaves_the_scoring_alone(open_page: Open, store: Store, tmp_path: Path) -> None:
    rows = [call(n, f"Sort ticket {n} into billing or bug.", ("billing", "bug")[n % 2]) for n in range(80)]
    study = made_study(store, tmp_path, rows, "http://127.0.0.1:9", {})

    def chosen() -> list[Endpoint | None]:
        return [case.endpoint for case in list_use_cases(store, study.id)]

    app = begin(open_page(PAGE))
    app.segmented_control(key="model_role").set_value(Role.BASELINE).run()
    app.toggle(key="model_keeps_scoring").set_value(True)
    fill(app, litellm_id="nobody-knows-me/x").button(key="add_model").click().run()
    assert "no known provider" in app.error[0].value
    assert chosen() == [None]
    fill(app, litellm_id="openai/x").button(key="add_model").click().run()
    assert "Added x" in app.success[0].value
    assert chosen() == [Endpoint.PAIRWISE]


def test_editing_a_candidate_into_the_baseline_says_what_that_changes(
    open_page: Open, store: Store, tmp_path: Path
) -> None:
    rows = [call(n, f"Sort ticket {n} into billing or bug.", ("billing", "bug")[n % 2]) for n in range(80)]
    study = made_study(store, tmp_path, rows, "http://127.0.0.1:9", {})
    new = add_model(store, study.id, Model(name="New", litellm_id="openai/x")).id
    app = open_page(PAGE)
    app.button(key=f"edit_model_{new}").click().run()
    told = "then scored by agreement with today's model"
    assert told not in shown(app)
    app.selectbox(key=f"edit_{new}_role").set_value(Role.BASELINE)
    app.button(key=f"edit_model_{new}").click().run()
    assert told in shown(app)


@pytest.mark.parametrize(("base", "words"), [("ftp://x", "API base"), ("", "API base")])
def test_an_own_server_needs_an_address(open_page: Open, sample_study: Study, base: str, words: str) -> None:
    app = begin(open_page(PAGE), OWN_SERVER)
    app.text_input(key="model_litellm_id").set_value("ours")
    app.text_input(key="model_api_base").set_value(base)
    app.button(key="add_model").click().run()
    assert words in app.error[0].value


def test_a_key_for_a_foreign_host_is_asked_about(open_page: Open, store: Store, sample_study: Study) -> None:
    before = len(list_models(store, sample_study.id))
    app = begin(open_page(PAGE), OWN_SERVER)
    app.text_input(key="model_litellm_id").set_value("x")
    fill(app, name="Ours", api_base="https://llm.example/v1", key_env="OPENAI_API_KEY")
    app.button(key="add_model").click().run()
    assert "llm.example" in shown(app)
    assert "OPENAI_API_KEY" in shown(app)
    assert len(list_models(store, sample_study.id)) == before
    app.button(key="confirm_key").click().run()
    assert not app.exception
    model = list_models(store, sample_study.id)[-1]
    assert model.confirmed_key == "OPENAI_API_KEY at llm.example"
    assert "Added Ours" in app.success[0].value


def test_the_page_tells_of_no_other_variable(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-this-machine")
    add_model(store, sample_study.id, Model(name="Old", litellm_id="openai/x", key_env="AWS_SECRET_ACCESS_KEY"))
    app = begin(open_page(PAGE))
    assert "AWS_SECRET_ACCESS_KEY" not in shown(app)
    fill(app, litellm_id="openai/x", key_env="AWS_SECRET_ACCESS_KEY")
    app.button(key="add_model").click().run()
    with_it = app.error[0].value
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    app.button(key="add_model").click().run()
    assert app.error[0].value == with_it


def test_a_host_and_its_model_fill_the_rest(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    app = begin(open_page(PAGE), "groq")
    app.selectbox(key="model_picked").set_value("groq/openai/gpt-oss-20b").run()
    assert app.text_input(key="model_key_env").placeholder == "GROQ_API_KEY (not set)"
    app.button(key="add_model").click().run()
    model = list_models(store, sample_study.id)[-1]
    assert (model.name, model.litellm_id) == ("gpt-oss-20b at Groq", "groq/openai/gpt-oss-20b")
    assert model.licence == "apache-2.0"
    assert "Key missing: GROQ_API_KEY isn't set" in shown(app)
    assert list_jobs(store, sample_study.id) == [], "what can't be asked isn't probed"


def test_what_is_added_with_a_key_is_probed_by_itself(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "a-key")
    app = fill(begin(open_page(PAGE)), litellm_id="groq/openai/gpt-oss-20b")
    app.button(key="add_model").click().run()
    (job,) = list_jobs(store, sample_study.id, kind="probe")
    model = list_models(store, sample_study.id)[-1]
    assert job.arguments["model"] == model.id
    assert app.button(key=f"probe_{model.id}").disabled


def test_a_judge_by_one_click(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in list_models(store, sample_study.id):
        if model.role is Role.JUDGE:
            delete_model(store, model.id)
    for name in ("OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE", "MISTRAL", "XAI", "GROQ"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)
    app = open_page(PAGE)
    assert "add_judge" not in [button.key for button in app.button]
    assert "`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`" in "".join(part.value for part in app.caption)
    monkeypatch.setenv("GROQ_API_KEY", "a-key")
    app.run()
    app.button(key="add_judge").click().run()
    assert not app.exception
    judge = list_models(store, sample_study.id)[-1]
    assert (judge.role, judge.litellm_id) == (Role.JUDGE, "groq/openai/gpt-oss-120b")
    assert "add_judge" not in [button.key for button in app.button]


def test_a_study_without_a_judge_says_so_before_its_first_run(
    open_page: Open, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "a-key")
    study = made_study(store, tmp_path, drafting(40), "http://127.0.0.1:9/v1", {"open": Role.CANDIDATE})
    assert open_page(study=study.name).button(key="next_step").label == "Add a judge"
    app = open_page(PAGE, study=study.name)
    assert "Newsletter drafts" in shown(app)
    assert not any(label.startswith("Next:") for label in labels(app))
    app.button(key="add_judge").click().run()
    assert "Newsletter drafts" not in shown(app)
    assert any("Start a replay" in label for label in labels(app))


def test_a_model_without_a_price_asks_for_one(open_page: Open, store: Store, sample_study: Study) -> None:
    app = begin(open_page(PAGE), OWN_SERVER)
    assert ENTER_PRICE not in shown(app)
    app = fill(app, api_base="http://127.0.0.1:9/v1", litellm_id="my-model").run()
    assert ENTER_PRICE in shown(app)
    app.button(key="add_model").click().run()
    model = list_models(store, sample_study.id)[-1]
    assert app.button(key=f"edit_model_{model.id}").label == "Enter price"
    assert NO_PRICE in shown(app)


def test_the_built_in_model_by_one_click(open_page: Open, store: Store, sample_study: Study) -> None:
    app = open_page(PAGE)
    assert "add_builtin" not in [button.key for button in app.button], "the sample study has it"
    for model in list_models(store, sample_study.id):
        if not model.illustrative:
            app.button(key=f"delete_model_{model.id}").click().run()
            app.button(key=f"really_delete_model_{model.id}").click().run()
    app.button(key="add_builtin").click().run()
    assert any(model.litellm_id.startswith("builtin/") for model in list_models(store, sample_study.id))


def test_a_probe_is_filed_and_its_result_is_said_in_words(open_page: Open, store: Store, sample_study: Study) -> None:
    app = open_page(PAGE)
    model = next(model for model in list_models(store, sample_study.id) if not model.illustrative)
    set_probe(store, model.id, Probe(reachable=True, authorised=True, streams=True, tools=False))
    app.run()
    assert "Ready, but doesn't call tools." in shown(app)
    for case in list_use_cases(store, sample_study.id):
        if case.kind is Kind.TOOL_USE:
            change(store, case, ignored=True)
    app.run()
    assert "tools" not in shown(app), "no use case needs them"
    assert "Ready" in shown(app)
    set_probe(store, model.id, Probe(reachable=False, detail="Nobody listens at port 9."))
    app.run()
    assert "Nobody listens at port 9." in shown(app)
    app.button(key=f"probe_{model.id}").click().run()
    assert not app.exception
    assert [job.kind for job in list_jobs(store, sample_study.id)] == ["probe"]
    assert app.button(key=f"probe_{model.id}").disabled


def test_who_answered_a_probe_is_counted_right(open_page: Open, store: Store, sample_study: Study) -> None:
    for model in list_models(store, sample_study.id):
        delete_model(store, model.id)
    probes = {
        "refused": Probe(reachable=True, authorised=False, detail="401"),
        "unknown": Probe(reachable=True, authorised=True, detail="404"),
        "silent": Probe(reachable=False, detail="no such host"),
    }
    for name, probe in probes.items():
        model = add_model(store, sample_study.id, Model(name=name, litellm_id="ollama/x"))
        set_probe(store, model.id, probe)
    told = shown(open_page(PAGE))
    assert "0 of 3 candidates ready." in told
    assert told.count(":red[") == 3


def test_a_key_is_named_and_never_shown(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERE_API_KEY", "the-value-of-the-key")
    for name, key in (("A", "THERE_API_KEY"), ("B", "ABSENT_API_KEY")):
        add_model(store, sample_study.id, Model(name=name, litellm_id="openai/x", key_env=key))
    app = open_page(PAGE)
    assert "Key missing: ABSENT_API_KEY isn't set" in shown(app)
    assert "THERE_API_KEY" not in shown(app)
    assert "the-value-of-the-key" not in str(app)


def test_the_illustrative_candidate_is_labelled_everywhere(open_page: Open, sample_study: Study) -> None:
    lines = [part.value for part in open_page(PAGE).markdown if "30B" in part.value]
    assert lines
    assert all("illustrative" in line.lower() for line in lines)


def test_the_cheaper_model_is_offered_and_added(
    open_page: Callable[..., AppTest], store: Store, sample_study: Study
) -> None:
    app = open_page("pages/models/candidates.py")
    assert "from the provider that your log uses most" in app.button(key="add_control").help
    app.button(key="add_control").click().run()
    assert not app.exception
    assert list_models(store, sample_study.id)[-1].litellm_id == "openai/gpt-6-luna"
    assert not any(button.key == "add_control" for button in app.button)


def test_what_is_asked_can_be_edited_until_there_are_answers(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    new = add_model(store, sample_study.id, Model(name="New", litellm_id="openai/x")).id
    fields = ("litellm_id", "api_base")
    app = open_page(PAGE)
    app.button(key=f"edit_model_{new}").click().run()
    assert not any(app.text_input(key=f"edit_{new}_{name}").disabled for name in fields)
    vote(store, sample_study, new)
    app.button(key=f"edit_model_{new}").click().run()
    assert all(app.text_input(key=f"edit_{new}_{name}").disabled for name in fields)
    assert app.text_area(key=f"edit_{new}_params").disabled
    assert "are fixed" in shown(app)


def vote(store: Store, study: Study, judge: int) -> None:
    """One vote of a judge."""
    models = list_models(store, study.id)
    written = next(model.id for model in models if model.illustrative)
    run = start_run(store, study, RunOptions(sample_size=40, planning=Planning(allow_unpriced=True)))
    sample = list_run_samples(store, run.id)[0]
    said = Judgement(candidate_first=True, preference=Preference.TIE)
    save_judgements(store, run.id, [sample], [Vote(sample, written, said, judge)], prompt_version="1")


def test_the_rate_is_for_the_prices_that_are_typed(open_page: Open, store: Store, sample_study: Study) -> None:
    given: dict[str, Any] = {"prices": Prices(input=1.0, output=2.0)}
    model = add_model(store, sample_study.id, Model(name="New", litellm_id="openai/x", **given)).id
    app = open_page(PAGE)
    app.button(key=f"edit_model_{model}").click().run()
    app.number_input(key=f"edit_{model}_output_price").set_value(4.0)
    app.number_input(key=f"edit_{model}_usd_per_unit").set_value(1.5)
    app.button(key=f"edit_model_{model}").click()
    app.button(key=f"edit_{model}_save").click().run()
    assert not app.exception
    changed = list_models(store, sample_study.id)[-1]
    assert (changed.prices.input, changed.prices.output) == (1.0, 6.0)


def test_a_warning_ends_with_its_dialog(open_page: Open, store: Store, sample_study: Study) -> None:
    model = add_model(store, sample_study.id, Model(name="New", litellm_id="openai/x")).id
    app = open_page(PAGE)
    app.session_state[f"edit_{model}_unconfirmed"] = ("OPENAI_API_KEY", "far.example")
    app.button(key=f"edit_model_{model}").click().run()
    assert app.button(key=f"edit_{model}_save")
    assert not app.warning
