"""Prompts written with a model's own chat template, taken apart into the messages they were made of."""

import re
from typing import NamedTuple

from advisor.types import Json

_ROLES = {
    "system": "system", "user": "user", "human": "user", "assistant": "assistant", "model": "assistant",
    "ipython": "tool", "tool": "tool", "ai": "assistant",
    "bot": "assistant", "gpt": "assistant", "chatbot": "assistant", "developer": "developer",
}  # fmt: skip


class _Template(NamedTuple):
    head: re.Pattern[str]
    """Finds the start of a turn; its group is the role."""
    tail: re.Pattern[str]
    """What closes a turn."""


_TEMPLATES = (
    _Template(  # Llama 3
        re.compile(r"<\|start_header_id\|>\s*(\w+)\s*<\|end_header_id\|>"),
        re.compile(r"<\|(?:eot_id|eom_id|end_of_text|begin_of_text)\|>"),
    ),
    _Template(  # Llama 4
        re.compile(r"<\|header_start\|>\s*(\w+)\s*<\|header_end\|>"),
        re.compile(r"<\|(?:eot|eom|end_of_text|begin_of_text)\|>"),
    ),
    _Template(re.compile(r"<\|im_start\|>\s*(\w+)"), re.compile(r"<\|im_end\|>|<\|endoftext\|>")),  # ChatML
    _Template(re.compile(r"<start_of_turn>\s*(\w+)"), re.compile(r"<end_of_turn>|<bos>|<eos>")),  # Gemma
    _Template(  # DeepSeek
        re.compile(r"<｜(User|Assistant)｜>"), re.compile(r"<｜(?:begin|end)▁of▁sentence｜>")
    ),
    _Template(  # Zephyr, Phi
        re.compile(r"<\|(system|user|human|assistant|model|ai|bot)\|>"), re.compile(r"<\|(?:end|endoftext)\|>|</?s>")
    ),
    _Template(  # Command R
        re.compile(r"<\|START_OF_TURN_TOKEN\|><\|(SYSTEM|USER|CHATBOT)_TOKEN\|>"),
        re.compile(r"<\|END_OF_TURN_TOKEN\|>|<(?:BOS|EOS)_TOKEN>"),
    ),
    _Template(  # Granite
        re.compile(r"<\|start_of_role\|>(\w+)<\|end_of_role\|>"), re.compile(r"<\|end_of_text\|>")
    ),
    _Template(  # gpt-oss
        re.compile(r"<\|start\|>(\w+)(?:<\|channel\|>\w+)?(?:<\|message\|>)?"), re.compile(r"<\|(?:end|return)\|>")
    ),
    _Template(re.compile(r"\[\|(Human|User|AI|Assistant|Bot|System)\|\]"), re.compile(r"</?s>")),  # Baize
)
_THOUGHT = re.compile(r"<\|start\|>assistant<\|channel\|>analysis<\|message\|>.*?(?=<\|start\|>|\Z)", re.DOTALL)
"""What gpt-oss thinks before it answers."""
_TAGGED = re.compile(r"\s*<(system|user|human|assistant|ai|bot|model)>(.*?)</\1>\s*", re.DOTALL | re.I)
_OPENED = re.compile(r"(<\w+>|\[INST\])\s*\Z")
"""A turn that nobody has taken yet."""
_BEGUN = re.compile(r"\A<think>\s*(</think>)?\s*\Z")
"""What a template begins of the answer, which models begin by themselves."""
_CAPITALS = re.compile(r"(?<=\s)(USER|ASSISTANT): ?")
_FACES = re.compile(r"^\s*(?:(🤖|🧠)|👤|🧑|🙋|👩|👨|🙂)[\ufe0f\u200d♀♂]*(?:\s+|$)(?![^\W\d_][^:：\n]{0,38}[:：])", re.M)
_INTRODUCTION_CHARS = 500
_INSTRUCTION = re.compile(r"\[INST\](.*?)\[/INST\](.*?)(?=\s*\[INST\]|\Z)", re.DOTALL)
_SYSTEM = re.compile(r"\s*<<SYS>>(.*?)<</SYS>>", re.DOTALL)
_SYSTEM_PROMPT = re.compile(r"\[SYSTEM_PROMPT\](.*?)\[/SYSTEM_PROMPT\]", re.DOTALL)
_ENDS = re.compile(r"</?s>")


_TURN = re.compile(r"^(system|developer|user|human|assistant|ai|tool): ", re.MULTILINE)


def split_transcript(text: str) -> list[dict[str, Json]]:
    """The messages of a conversation logged as lines that begin with ``system:`` or ``user:``; none in plain text.

    It must begin with the system prompt, or hold an answer too, so that a text with a colon stays one.
    """
    before, *found = _TURN.split(text)
    turns = [(_ROLES.get(role, role), said.strip("\n")) for role, said in zip(found[::2], found[1::2], strict=True)]
    roles = [role for role, _ in turns]
    is_one = bool(roles) and roles[-1] in ("user", "tool") and "user" in roles
    if before.strip() or not is_one or not (roles[0] in ("system", "developer") or "assistant" in roles):
        return []
    return [{"role": role, "content": said} for role, said in turns]


def split_turns(prompt: str) -> list[dict[str, Json]]:
    """The messages of a prompt; one user message where it has no template that is known here.

    The head of the answer that a template ends with is left out.
    """
    return _asked(split_template(prompt)) or [{"role": "user", "content": prompt}]


def split_template(prompt: str) -> list[dict[str, Json]]:
    """The messages of a prompt in a template, with what it begins of the answer; none in other texts."""
    if "<" not in prompt and "[" not in prompt:
        return []
    ways = [_parts(prompt, template) for template in _TEMPLATES]
    if _OPENED.search(prompt) and not _TAGGED.sub("", _OPENED.sub("", prompt)).strip():
        ways.append(_tagged(prompt))
    for turns in (*ways, _instructed(prompt)):
        while turns and not _BEGUN.sub("", str(turns[-1]["content"])):
            turns = turns[:-1]
        if any(turn["role"] in ("user", "tool") and turn["content"] for turn in turns):
            return turns
    return []


def split_chat(text: str) -> list[dict[str, Json]]:
    """The messages of a whole conversation in a template or in tags, up to its last answer; none in other texts."""
    if "<" not in text and "[" not in text:
        return []
    ways = [_parts(text, template) for template in _TEMPLATES]
    above = _TAGGED.sub("", _OPENED.sub("", text)).strip()
    if text.lstrip().startswith(above) and len(above) < _INTRODUCTION_CHARS:
        tagged = _tagged(text)
        ways.append([{"role": "system", "content": above}, *tagged] if above else tagged)
    for turns in (*ways, _instructed(text)):
        while turns and not turns[-1]["content"]:
            turns = turns[:-1]
        roles = [turn["role"] for turn in turns]
        if "user" in roles and roles[-1] == "assistant":
            return turns
    return []


def _tagged(text: str) -> list[dict[str, Json]]:
    return [{"role": _ROLES[role.lower()], "content": said.strip()} for role, said in _TAGGED.findall(text)]


def with_names(text: str) -> str:
    """The text with a name for faces at starts of lines, and lines for Vicuna's names, which stand in one."""
    text = _FACES.sub(lambda face: "Bot: " if face[1] else "User: ", text)
    is_vicunas = "USER:" in text and "ASSISTANT:" in text
    return _CAPITALS.sub(r"\n\1: ", _ENDS.sub(" ", text)) if is_vicunas else text


def _parts(prompt: str, template: _Template) -> list[dict[str, Json]]:
    before, *found = template.head.split(_THOUGHT.sub("", prompt))
    turns: list[dict[str, Json]] = []
    opening = template.tail.sub("", before).strip()
    if found and opening:
        turns.append({"role": "system", "content": opening})
    for role, text in zip(found[::2], found[1::2], strict=True):
        known = _ROLES.get(role.lower())
        if known is None:
            return []
        turns.append({"role": known, "content": template.tail.sub("", text).strip()})
    return turns


def _instructed(prompt: str) -> list[dict[str, Json]]:
    """Llama 2 and Mistral."""
    text = _ENDS.sub("", _OPENED.sub("", prompt))
    above = _SYSTEM_PROMPT.sub(r"\1", text[: max(text.find("[INST]"), 0)]).strip()
    turns: list[dict[str, Json]] = [{"role": "system", "content": above}] if above else []
    for instruction, answer in _INSTRUCTION.findall(text):
        system = _SYSTEM.match(instruction)
        if system:
            turns.append({"role": "system", "content": system[1].strip()})
            instruction = instruction[system.end() :]
        turns.append({"role": "user", "content": instruction.strip()})
        if answer := answer.strip():
            turns.append({"role": "assistant", "content": answer})
    return turns


def _asked(turns: list[dict[str, Json]]) -> list[dict[str, Json]]:
    while turns and turns[-1]["role"] == "assistant":
        turns = turns[:-1]
    return turns if any(turn["role"] in ("user", "tool") and turn["content"] for turn in turns) else []
