"""Prompts written with a model's own chat template, taken apart into the messages they were made of."""

import re
from typing import NamedTuple

from advisor.types import Json

_ROLES = {
    "system": "system", "user": "user", "human": "user", "assistant": "assistant", "model": "assistant",
    "ipython": "tool", "tool": "tool", "ai": "assistant",
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
)
_INSTRUCTION = re.compile(r"\[INST\](.*?)\[/INST\](.*?)(?=<?s?>?\s*\[INST\]|\Z)", re.DOTALL)
_SYSTEM = re.compile(r"\s*<<SYS>>(.*?)<</SYS>>", re.DOTALL)
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
    for template in _TEMPLATES:
        turns = _turns(prompt, template)
        if turns:
            return turns
    return _instructions(prompt) or [{"role": "user", "content": prompt}]


def _turns(prompt: str, template: _Template) -> list[dict[str, Json]]:
    before, *found = template.head.split(prompt)
    turns: list[dict[str, Json]] = []
    opening = template.tail.sub("", before).strip()
    if found and opening:
        turns.append({"role": "system", "content": opening})
    for role, text in zip(found[::2], found[1::2], strict=True):
        known = _ROLES.get(role.lower())
        if known is None:
            return []
        turns.append({"role": known, "content": template.tail.sub("", text).strip()})
    return _asked(turns)


def _instructions(prompt: str) -> list[dict[str, Json]]:
    """Llama 2 and Mistral."""
    turns: list[dict[str, Json]] = []
    for instruction, answer in _INSTRUCTION.findall(prompt):
        system = _SYSTEM.match(instruction)
        if system:
            turns.append({"role": "system", "content": system[1].strip()})
            instruction = instruction[system.end() :]
        turns.append({"role": "user", "content": instruction.strip()})
        if answer := _ENDS.sub("", answer).strip():
            turns.append({"role": "assistant", "content": answer})
    return _asked(turns)


def _asked(turns: list[dict[str, Json]]) -> list[dict[str, Json]]:
    while turns and turns[-1]["role"] == "assistant":
        turns = turns[:-1]
    return turns if any(turn["role"] in ("user", "tool") and turn["content"] for turn in turns) else []
