"""What holds for a call of any format. Every reader's Samples pass here, and nowhere else are these things decided."""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import replace

import orjson

from advisor.ingest.messages.reply import read_reply
from advisor.ingest.messages.usage import half_told
from advisor.ingest.values.json_text import as_text, decode
from advisor.types import Answer, Json, Sample, Usage
from advisor.types.codes import CallNote

NO_TOOLS = "it calls tools, and what tools it has is not in this file"
NOTHING_TO_ANSWER = "its last message is neither a user's nor the result of a tool call"
NAMED_HERE = "#"
"""Begins the name of a conversation that the log doesn't name."""
_MOST_MESSAGES = 200
"""Of one call of a conversation: each is stored with all before it."""
_TOO_LONG = f"more than {_MOST_MESSAGES} messages of its conversation come before it, and only the latest are kept"
_NEVER_SAID = frozenset({"#N/A", "(null)", "[null]", "<NA>", "\\N"})
_SAID_TOO = frozenset({"N/A", "n/a", "nil", "-", "—"})
NULLS = _NEVER_SAID | _SAID_TOO | {"None", "null", "NULL", "NaN", "nan", "undefined"}
"""As programs, databases and spreadsheets write them; a person who writes "none" means it."""
_DASH = (
    r"""(?<![(\[=])(?<!["']:)(?<!["']:\s)["'`“”„‘’«»][-–—]["'`“”„‘’«»]"""
    r"""|(?<!\w)dash(?=\s+(?:if|when|where|instead|otherwise)\b|\s*(?:[^\w\s]|$))"""
)
"""In quotes, but not as in code, or by its name, but not as of ``dash cams``."""
_NAMED = {"-": _DASH, "—": _DASH, "N/A": r"(?<!\w)n(/a(?!\w)|\.\s?a\.)"}
"""As a prompt writes those of them that it may write otherwise."""
_FEW_TOKENS = 8
"""At most of an answer that a model gave in such a word."""
_LONGEST_NULL, _WORDS_OF_A_SENTENCE = 12, 4
"""Characters of such a word with what is around it; and words that no name of a provider or a model has."""
_PROVIDERS = re.compile(
    r"(open-?ai|azure([ _-]?open-?ai)?|anthropic|claude|google|gemini|vertex([ _-]?ai)?|(aws|amazon)?[ ._-]?bedrock"
    r"|aws|mistral(ai)?|cohere|groq|ollama|litellm|openrouter|together(ai)?|fireworks|deepseek|x-?ai|perplexity"
    r"|hugging-?face|cerebras|gateway|az\.ai)([./:_-][a-z0-9][\w./:-]*)?",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"(?:\A|\n)\s*(?:#+\s*|\*\*)?(?:assistant|ai|bot|model|answer|response)(?:\*\*)?\s*:(?:\*\*)?\s*\Z", re.I
)


def calls_of(
    sample: Sample,
    *,
    is_split: bool = True,
    examples: Collection[str] = (),
    has_labels: bool = False,
    has_talks: bool = False,
) -> list[Sample]:
    """The calls that a record holds: of a conversation one for each answer, in their order; of others one.

    ``is_split`` False: the answers before the last are calls in other records of the log. ``examples``: digests of
    questions with answers that a prompt gives as examples, which were no calls (see turn_digest). ``has_labels``: most
    answers are one word, which "None" may be as well. ``has_talks``: some conversations of the log have more answers.
    """
    if _is_plain(sample):
        return [sample]
    sample = without_answer_in_prompt(without_provider_prompt(without_null_answer(sample, has_labels=has_labels)))
    earlier: list[Sample] = []
    if sample.is_conversation:
        sample = replace(sample, is_conversation=False)
        earlier = list(earlier_calls(sample)) if is_split else []
        earlier = [call for call in earlier if not examples or turn_digest(call) not in examples]
        if earlier or (has_talks and sample.ids.external_id):
            sample = _in_session(sample)
            earlier = [replace(call, ids=replace(sample.ids, response_id=None)) for call in earlier]
    return [replayable(call) for call in (*earlier, sample)]


def _is_plain(sample: Sample) -> bool:
    """Whether no rule can apply, as to nearly all calls: quick to see, where each rule by itself would take longer."""
    messages, answer = sample.request.messages, sample.answer
    if sample.is_conversation or not messages or messages[-1]["role"] != "user" or _lacks_input_tokens(sample):
        return False
    if half_told(sample.metered.usage, answer):
        return False
    first, asked = messages[0], messages[-1]["content"]
    if first["role"] != "user" and (
        not isinstance(first["content"], str) or first["content"].count(" ") < _WORDS_OF_A_SENTENCE
    ):
        return False
    if answer is not None:
        text = answer.text
        if answer.tool_calls or text is None or (len(text) <= _LONGEST_NULL and text.strip() in NULLS):
            return False
        if isinstance(asked, str) and asked.rstrip().endswith(text.strip()):
            return False
    return not any("tool_calls" in message or message["role"] == "tool" for message in messages)


def is_provider(text: Json) -> bool:
    """Whether a text is a provider's name, such as ``openai.responses``, which tracers write under ``system``."""
    return isinstance(text, str) and _PROVIDERS.fullmatch(text.strip()) is not None


def without_null_answer(sample: Sample, *, has_labels: bool = False) -> Sample:
    """Without an answer that is the word for a missing value, unless the reference answer or the prompt has it.

    A model that was paid for a word or two may have said "N/A".
    """
    answer = sample.answer
    if answer is None or answer.text is None or len(answer.text) > _LONGEST_NULL:
        return sample
    word = answer.text.strip()
    if word not in (_NEVER_SAID if has_labels else NULLS) or (
        sample.reference is not None and sample.reference.value == word
    ):
        return sample
    asked = [each.get("content") for each in sample.request.messages if each.get("role") != "assistant"]
    if any(_names(content, word) for content in asked) or (word in _SAID_TOO and _is_paid(sample.metered.usage)):
        return sample
    kept = replace(answer, text=None) if answer.tool_calls else None
    return _noted(replace(sample, answer=kept), CallNote.NULL_ANSWER)


def _names(content: Json, word: str) -> bool:
    """Whether a prompt has the word, as one that lists the labels to choose from."""
    named = _NAMED.get(word.upper(), rf"(?<!\w){re.escape(word)}(?!\w)")
    return re.search(named, as_text(content), re.IGNORECASE) is not None


def _is_paid(usage: Usage | None) -> bool:
    if usage is None:
        return False
    thought = usage.reasoning_tokens  # some logs tell them apart from those of the answer
    return 0 < usage.output_tokens - (thought if thought < usage.output_tokens else 0) <= _FEW_TOKENS


def without_provider_prompt(sample: Sample) -> Sample:
    """A system prompt is what somebody wrote, never the name of a provider or of the model."""
    messages = sample.request.messages
    first = messages[0] if messages else {}
    text = first.get("content")
    if first.get("role") not in ("system", "developer") or not isinstance(text, str):
        return sample
    if not is_provider(text) and text.strip() != (sample.model or None):
        return sample
    return _noted(_asked(sample, messages[1:]), CallNote.PROVIDER_PROMPT)


def without_answer_in_prompt(sample: Sample) -> Sample:
    """The recorded answer is never what the prompt ends with: where it is, the record holds the whole conversation."""
    messages, answer = sample.request.messages, sample.answer
    if answer is None or answer.is_empty or not messages:
        return sample
    last = messages[-1]
    if last.get("role") == "assistant":
        if len(messages) > 1 and _said(read_reply(last).answer) == _said(answer):
            return _noted(_asked(sample, messages[:-1]), CallNote.ANSWER_CUT)
        return _with_beginning(sample, answer) if answer.text and _is_begun(sample, answer.text) else sample
    text, said = last.get("content"), (answer.text or "").strip()
    if last.get("role") != "user" or not said or not isinstance(text, str) or not text.rstrip().endswith(said):
        return sample
    before = text.rstrip()[: -len(said)]
    if not _SPEAKER.search(before):
        return sample
    return _noted(_asked(sample, [*messages[:-1], last | {"content": before.rstrip()}]), CallNote.ANSWER_CUT)


def _is_begun(sample: Sample, answer: str) -> bool:
    """Whether the prompt begins the answer itself, as with ``{``, and the model goes on from there.

    An open end before a capital letter is another message.
    """
    messages = sample.request.messages
    last, text = messages[-1], messages[-1].get("content")
    if sample.not_replayable == NOTHING_TO_ANSWER or not isinstance(text, str):  # turns of a table
        return False
    if text[-1:].islower() and answer[:1].isupper() and not answer.startswith(text):
        return False
    is_open = bool(text.strip()) and not text.rstrip().endswith((".", "!", "?", "…", "。"))
    return (
        last.get("role") == "assistant" and is_open and not last.get("tool_calls") and ends_in_question(messages[:-1])
    )


def _with_beginning(sample: Sample, answer: Answer) -> Sample:
    """The call with what its prompt began of the answer in the answer, as other models begin by themselves.

    Several words end with a whole one: a log without the space before the answer has lost it.
    """
    *asked, last = sample.request.messages
    begun, text = str(last["content"]), answer.text or ""
    space = " " if begun[-1:].islower() and text[:1].isalnum() and " " in begun else ""
    whole = text if text.startswith(begun) else begun + space + text
    return replace(_asked(sample, asked), answer=replace(answer, text=whole))


def earlier_calls(sample: Sample) -> Iterator[Sample]:
    """The call of each answer within a conversation but the last; what was metered belongs to the last."""
    messages = sample.request.messages
    is_asked = False
    for at, message in enumerate(messages):
        role = message.get("role")
        is_asked = is_asked or role in ("user", "tool")
        if role != "assistant" or not is_asked:
            continue
        answer = read_reply(message).answer
        if answer is None or answer.is_empty:
            continue
        call = replace(
            _asked(sample, messages[:at]),
            answer=answer,
            metered=replace(sample.metered, usage=None, cost_usd=None, latency_s=None, ttft_s=None),
            reference=None,
            error=None,
            notes=(*sample.notes, CallNote.EARLIER_ANSWER),
        )
        if at > _MOST_MESSAGES:
            call = replace(_asked(call, messages[at - _MOST_MESSAGES : at]), not_replayable=_TOO_LONG)
        yield call


def turn_digest(call: Sample) -> str:
    """Equal for calls that ask and answer the same in any record."""
    said = (call.request.messages, _said(call.answer))
    return hashlib.blake2b(orjson.dumps(said, default=str), digest_size=8).hexdigest()


def replayable(sample: Sample) -> Sample:
    """The call, kept for volume and cost only where it ends in nothing to answer or its tools are missing."""
    messages, half = sample.request.messages, half_told(sample.metered.usage, sample.answer)
    if half and sample.error:
        if half.is_of_prompt and sample.answer is None:  # nothing came back
            whole = Usage(**{name: getattr(half, name) for name in Usage.__dataclass_fields__})
            sample = replace(sample, metered=replace(sample.metered, usage=whole))
    elif half:
        sample = _noted(replace(sample, metered=replace(sample.metered, usage=half)), CallNote.HALF_OF_TOKENS)
    elif _lacks_input_tokens(sample):
        sample = _noted(sample, CallNote.NO_INPUT_TOKENS)
    if messages and not ends_in_question(messages):
        return _kept_for_volume(sample, NOTHING_TO_ANSWER, CallNote.NOTHING_TO_ANSWER)
    if not sample.request.params.get("tools") and uses_tools(sample):
        return _kept_for_volume(sample, NO_TOOLS, CallNote.TOOLS_MISSING)
    return sample


def _lacks_input_tokens(sample: Sample) -> bool:
    usage = sample.metered.usage
    return usage is not None and usage.output_tokens > 0 and usage.total_input_tokens == 0


def ends_in_question(messages: list[dict[str, Json]]) -> bool:
    """Whether the last message but instructions is a user's, or the result of a tool that the assistant called."""
    turns = [message for message in messages if message.get("role") not in ("system", "developer")]
    role = turns[-1].get("role") if turns else None
    if role != "tool":
        return role == "user"
    before = next((message for message in reversed(turns) if message.get("role") != "tool"), {})
    return bool(before.get("tool_calls"))


def uses_tools(sample: Sample) -> bool:
    """Whether tools are called in the conversation or by the answer."""
    if sample.answer is not None and sample.answer.tool_calls:
        return True
    return any(message.get("tool_calls") or message.get("role") == "tool" for message in sample.request.messages)


def _said(answer: Answer | None) -> Json:
    if answer is None:
        return None
    calls = [(call.name, decode(call.arguments)) for call in answer.tool_calls]
    return " ".join((answer.text or "").split()), calls


def _asked(sample: Sample, messages: list[dict[str, Json]]) -> Sample:
    return replace(sample, request=replace(sample.request, messages=messages))


def _noted(sample: Sample, note: CallNote) -> Sample:
    return replace(sample, notes=(*sample.notes, note))


def _kept_for_volume(sample: Sample, reason: str, note: CallNote) -> Sample:
    return _noted(replace(sample, not_replayable=sample.not_replayable or reason), note)


def _in_session(sample: Sample) -> Sample:
    """The calls of one conversation are known as such, by its name or by what it begins with."""
    if sample.ids.session is not None:
        return sample
    own = sample.ids.external_id
    session = f"{NAMED_HERE}{own}" if own else mark_of(sample.request.messages)
    return replace(sample, ids=replace(sample.ids, session=session))


def mark_of(said: object) -> str:
    """A name for a conversation that has none, also beside those of other files."""
    return NAMED_HERE + hashlib.blake2b(orjson.dumps(said, default=str), digest_size=8).hexdigest()
