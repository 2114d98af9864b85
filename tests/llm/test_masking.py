"""An answer changes only where it holds a whole key; what a server says of a failure shows no piece of one."""

import base64
from pathlib import Path

import pytest

from advisor import settings
from advisor.llm.keys import mask_for
from advisor.types import Answer, Json, Model, ToolCall

SECRET = "example-9f8Zq2Lx7Tb4"


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "SECRETS", tmp_path / "secrets.toml")


def model(**headers: Json) -> Model:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Model(name="m", litellm_id="openai/x", params={"extra_headers": sent})


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"HTTP_Referer": "https://shop.example.com"}, "See https://shop.example.com/orders."),
        ({"anthropic_version": "2023-06-01"}, "It was signed on 2023-06-01."),
        ({"X_Title": "Help desk of the shop"}, "Help desk of the shop"),
    ],
)
def test_an_ordinary_header_leaves_an_answer_as_it_is(headers: dict[str, Json], text: str) -> None:
    answer = Answer(text=text, tool_calls=(ToolCall(name="f", arguments=text),), finish_reason="stop")
    assert mask_for(model(**headers)).answer(answer) == answer


@pytest.mark.parametrize(
    "name", ["Authorization", "X_Api_Key", "x_auth", "Cookie", "X_Amz_Security_Token", "my_secret"]
)
def test_a_secret_header_is_hidden_with_and_without_its_scheme(name: str) -> None:
    mask = mask_for(model(**{name: f"Bearer {SECRET}"}))
    for form in (SECRET, f"Bearer {SECRET}", base64.b64encode(SECRET.encode()).decode()):
        assert "[key]" in (mask.answer(Answer(text=f"It is {form}!")).text or "")
    assert mask.text(f"wrong:{SECRET[:12]}") == "wrong:[key]"


def test_a_tool_keeps_its_name_unless_that_holds_a_whole_key() -> None:
    mask = mask_for(None, "application/json-key")
    calls = (
        ToolCall(name="get_application_status", arguments="{}"),
        ToolCall(name="f_application/json-key", arguments=""),
    )
    answer = mask.answer(Answer(text=None, tool_calls=calls))
    assert [call.name for call in answer.tool_calls] == ["get_application_status", "f_[key]"]


@pytest.mark.parametrize(
    "name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "HF_TOKEN", "AZURE_CLIENT_SECRET"]
)
def test_a_clouds_secret_is_hidden_wherever_it_is_set(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(name, raising=False)
    assert mask_for().text(SECRET) == SECRET
    (tmp_path / "secrets.toml").write_text(f'{name} = "{SECRET}"\n')
    assert mask_for().text(f"no such role: {SECRET}") == "no such role: [key]"
    (tmp_path / "secrets.toml").unlink()
    monkeypatch.setenv(name, SECRET)
    assert mask_for().answer(Answer(text=SECRET)).text == "[key]"
