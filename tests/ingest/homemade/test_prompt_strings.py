"""Prompts that hold a conversation as one text: the marks of templates, the names of who speaks, or neither."""

from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.homemade.prompt_strings import messages_of
from tests.ingest.homemade.test_other_shapes import table

SYSTEM = "You help the guests of a hotel.\nRules:\n- Be brief.\n- Prices are in pounds: never in euros."
TALK = [
    ("Can I get a late checkout?", "Yes, until 2 pm.\nNote: it costs 20."),
    ("Book it:\n1. for room 12\n2. today", "Done. Anything else?"),
    ("no, thanks", "Enjoy your stay."),
]
TEMPLATES = [
    ("<s>[INST] <<SYS>>\n", "\n<</SYS>>\n\n", "[INST] ", " [/INST] ", " </s><s>"),
    ("<s>[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[INST]", "[/INST]", "</s>"),
    (
        "<|im_start|>system\n",
        "<|im_end|>\n",
        "<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n",
        "<|im_end|>\n",
    ),
    (
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n",
        "<|eot_id|>",
        "<|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    ("<|system|>\n", "</s>\n", "<|user|>\n", "</s>\n<|assistant|>\n", "</s>\n"),
    (
        "<BOS_TOKEN><|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>",
        "<|END_OF_TURN_TOKEN|>",
        "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
        "<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
        "<|END_OF_TURN_TOKEN|>",
    ),
    ("<|start|>system<|message|>", "<|end|>", "<|start|>user<|message|>", "<|end|><|start|>assistant", "<|end|>"),
    ("", "\n\n", "Human: ", "\n\nAssistant:", "\n\n"),
    ("System: ", "\n", "User: ", "\nAI: ", "\n"),
    ("", "\n\nCurrent conversation:\n", "Customer: ", "\nAgent:", "\n"),
    ("### System:\n", "\n\n", "### User:\n", "\n\n### Assistant:\n", "\n\n"),
    ("## System\n", "\n\n", "## User\n", "\n\n## Assistant\n", "\n\n"),
    ("", " ", "USER: ", " ASSISTANT:", "</s>"),
    ("", "\n", "[User] ", "\n[Bot]", "\n"),
    ("", "\n", "**Kunde:** ", "\n**Assistent:**", "\n"),
    ("", "\n", "Utilisateur : ", "\nAssistant :", "\n"),
    ("系统：", "\n", "用户：", "\n助手：", "\n"),
    ("", "\n", "Cliente: ", "\nOperatore:", "\n"),
    ("", "\n", "[USER]\n", "\n[ASSISTANT]\n", "\n"),
    ("<system>", "</system>\n", "<user>", "</user>\n<assistant>", "</assistant>\n"),
    ("", "\n", "Пользователь: ", "\nБот:", "\n"),
]  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=[template[2].strip() for template in TEMPLATES])
@pytest.mark.parametrize("system", [SYSTEM, ""])
def test_turns_in_a_prompt_up_to_where_the_answer_begins(
    tmp_path: Path, template: tuple[str, ...], system: str
) -> None:
    head, tail, user, bot, end = template
    user = user if system == "" or "<<SYS>>" not in head else ""  # which stands within the first turn
    rows: list[dict[str, Any]] = []
    wanted: list[list[tuple[str, str]]] = []
    before = f"{head}{system}{tail}" if system else ""
    if user == "[INST] " and system:
        user = ""
    told = [("system", system)] if system else []
    for asked, answered in TALK:
        rows.append({"full_prompt": f"{before}{user}{asked}{bot}", "completion": answered})
        wanted.append([*told, ("user", asked)])
        before += f"{user}{asked}{bot} {answered}{end}"
        user, told = template[2], [*told, ("user", asked), ("assistant", answered)]
    found = table(tmp_path / "a.csv", rows)
    said = [
        [
            (message["role"], message["content"].removesuffix("\n\nCurrent conversation:"))
            for message in call.request.messages
        ]
        for call in found
    ]
    assert said == wanted
    assert [call.answer and call.answer.text for call in found] == [answered for _, answered in TALK]


@pytest.mark.parametrize("prompt", [
    "Summarize this chat:\nUser: hi\nBot: Hello, can I help?\nUser: no",
    "Customer: My bill is wrong.\nAgent: Which one?\nCustomer: May.\n\nSum it up.",
    "Is this rude?\nUser: go away\nAnswer:",
    "Classify the message.\n\nText: I love it\nLabel:",
    "Answer from the context.\n\nContext: The sea is blue.\n\nQuestion: Which color has it?\nAnswer:",
    "### Instruction:\nName a river.\n\n### Response:\n",
    "Input: 2, 4\nOutput:",
    "Why does `Assistant:` stand at the end of my prompts?",
    "Fill in the form:\nCustomer:\nAddress:",
    "Explain this to a user: the line is busy.",
    "Tell the customer: it's late\nAssistant:",
    "Me: hi\nYou: hello\nMe: and now?\nYou:",
    "User: Jane\nOrder: 4711",
    "What does <b>User:</b> mean?",
    "User: It broke.\nAssistant: Sorry.\nUser: Thanks\n\nWhat is the sentiment of this conversation?",
    "Human: It broke.\nAI: Sorry.\nHuman: Thanks",
    "System: Be brief.\nUser: Where do I park?",
    "Q: 2+2?\nA: 4\nQ: 3+3?\nA:",
    "User story: As a clerk, I want a list.\nAssistant:",
])  # fmt: skip
def test_other_prompts_stay_as_they_are(prompt: str) -> None:
    assert messages_of(prompt) == [{"role": "user", "content": prompt}]


def test_what_a_template_begins_of_the_answer_is_left_out() -> None:
    prompt = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n"
    assert messages_of(prompt) == [{"role": "user", "content": "Hi"}]


def test_what_gpt_oss_thinks_is_no_turn() -> None:
    thought = "<|start|>assistant<|channel|>analysis<|message|>A greeting.<|end|>"
    said = "<|start|>assistant<|channel|>final<|message|>Hello.<|end|>"
    found = messages_of(f"<|start|>user<|message|>Hi<|end|>{thought}{said}<|start|>user<|message|>Bye<|end|>")
    assert [(turn["role"], turn["content"]) for turn in found if isinstance(turn, dict)] == [
        ("user", "Hi"), ("assistant", "Hello."), ("user", "Bye"),
    ]  # fmt: skip


def test_the_name_that_the_prompt_gives_the_model() -> None:
    system, user = "You are Aria. Be brief.", {"role": "user", "content": "Where do I park?"}
    found = messages_of(f"{system}\n\nGuest: Where do I park?\nAria:")
    assert found == [{"role": "system", "content": system}, user]


def test_a_question_alone_before_its_answer() -> None:
    assert messages_of("Q: Which is the longest river?\nA:") == [
        {"role": "user", "content": "Which is the longest river?"}
    ]
