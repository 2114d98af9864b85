"""Which family a model is of: a judge prefers its own kind, so that it should be of another (METHOD 3)."""

import re

from advisor.catalog.identity import canonical_name

FAMILIES = {
    "OpenAI": r"(chat)?gpt|o[134](-|$)|davinci|text-davinci|codex",
    "Claude": r"claude",
    "Gemini": r"gemini|gemma",
    "Llama": r"llama|codellama|nemotron",
    "Qwen": r"qwen|qwq|qvq",
    "Mistral": r"mistral|mixtral|ministral|codestral|magistral|devstral|pixtral",
    "DeepSeek": r"deepseek",
    "Kimi": r"kimi|moonshot",
    "GLM": r"glm|chatglm",
    "Command": r"command|c4ai|aya",
    "Phi": r"phi(-|\d)",
    "Granite": r"granite",
    "MiniMax": r"minimax|abab",
    "Nova": r"nova-|titan",
    "Grok": r"grok",
    "Falcon": r"falcon",
    "OLMo": r"olmo|tulu",
    "SmolLM": r"smollm",
    "Yi": r"yi-",
}
"""Name of a family -> how the names of its models begin, or what they hold after a separator."""


def family_of(model_id: str) -> str | None:
    """The family that a model's id tells, or None where it tells none."""
    name = canonical_name(model_id)
    for family, pattern in FAMILIES.items():
        if re.search(rf"(^|[-_.])({pattern})", name):
            return family
    return None
