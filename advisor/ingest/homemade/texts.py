"""How much a column looks like one of prompts or one of answers: points of its name, and of its values."""

import re
from collections.abc import Iterable, Sequence

from advisor.ingest.homemade.names import (
    ASKERS,
    BOTS,
    LESS_SURE,
    Hint,
    hints_of,
    is_generated,
    is_made,
    last_hint,
    names_model,
    plain_name,
    plain_words,
    words_of,
)
from advisor.ingest.homemade.profile import USAGES, Column, Kind, is_prose
from advisor.ingest.homemade.turn_lists import as_messages, has_words, system_text
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.values.json_text import at, decode, list_in, object_in

_REWORDED = plain_words("""rewritten rewrite rephrased reworded reformulated expanded condensed standalone search
    retrieval retriever contextualized contextualised normalized normalised umformulierte reformulee reformulada""")
OTHER_WORK = frozenset({
    "judge", "judges", "juez", "juiz", "juge", "grader", "grading", "eval", "evaluator", "evaluation", "critic",
    "scorer", "verifier", "reward", "tts", "stt", "asr", "speech", "voice", "embed", "embedder", "rerank",
    "reranker", "moderation", "guard", "image", "vision", "transcription", "translation",
})  # fmt: skip
"""Words of models that did not answer."""
_BRACKETS = re.compile(r"[()\[\]]")
_IN = plain_words("in i ein sent user ctx вход вхід вх vstup inn ind ingresso giris")
_OUT = plain_words("out o aus received recv assistant candidate candidates выход вихід вых vystup ut ud cikis")
STRONG = 2.0
"""Points of a name that says by itself what its column is."""

_OF_A_MODEL = 3.0
_AROUND = frozenset({*USAGES, "metadata", "meta", "params", "parameters", "model_parameters", "config", "settings"})
_SAME_OBJECTS = 0.3
_CLASSES = ("classification", "klassifikation", "clasificacion", "classificacao", "classificazione", "klassifizierung")
MADE = frozenset(
    {"translation", "summary", "translated_text", "traduccion", "traduction", "ubersetzung", "翻译", "翻訳"}
)
"""What a model makes of a text, where nothing has a better name."""
_MADE_OF_TEXT = dict.fromkeys(MADE, STRONG) | dict.fromkeys(_CLASSES, 2.1)
"""Of labels it has to be the name that says so."""


def prompt_points(column: Column) -> tuple[float, float] | None:
    """Points of the name and of the values; None for what cannot be prompts."""
    name = prompt_name(column)
    if column.kind is Kind.MESSAGES:
        return (name, 1.0) if name > 0 and not _are_answers(column) else None
    if name < -1.5 or (name <= STRONG and column.prose < 0.2) or column.kind is Kind.NUMBER or _is_measure(column):
        return None
    if column.kind is not Kind.TEXT and (
        name <= STRONG or column.kind in (Kind.TIME, Kind.OTHER, Kind.OBJECT, Kind.LIST)
    ):
        return None
    if name == STRONG and is_reworded(column):
        return name, 0.0
    is_repeated = len(column.values) > 4 and column.distinct < 0.3
    return name, 1.5 * column.prose + min(1.0, 2 * column.questions) - 1.5 * is_repeated


def _are_answers(column: Column) -> bool:
    """Whether each cell has one message, the assistant's."""
    talks = [decode(value) for value in column.values]
    return all(isinstance(talk, list) and len(talk) == 1 and at(talk[0], "role") == "assistant" for talk in talks)


def prompt_name(column: Column) -> float:
    plain, hints = plain_name(column.leaf), hints_of(column.name)
    leaf = hints_of(column.leaf)
    if column.kind is Kind.MESSAGES:
        usual = (*SYNONYMS["messages"], *SYNONYMS["prompt"])
        return 3.0 if plain in usual else 2.0 if not {Hint.ANSWER, Hint.BOT, Hint.EXPECTED} & leaf else 0.0
    if plain in SYNONYMS["prompt"] and not ("." in column.path and Hint.TEXT in leaf):
        return 3.0 - 0.03 * SYNONYMS["prompt"].index(plain) if plain != "user" else 2.0
    if {Hint.ID, Hint.EXPECTED, Hint.SYSTEM} & leaf or _counts_tokens(column):
        return -3.0
    if any({Hint.SYSTEM, Hint.PROMPT} <= hints_of(step) for step in column.parent.split(".")):  # of Gemini's API
        return -3.0
    if Hint.ABOUT in leaf:
        return 1.0 if plain in ("source_text", "texte_source", "texto_fuente", "testo_fonte") else -1.5
    last = last_hint(column.name, (Hint.PROMPT, Hint.ANSWER))
    if last is Hint.ANSWER and Hint.USER in leaf and Hint.BOT not in leaf:
        return 0.5  # what a user answered, unless something else was asked
    if last is not None:
        less = 0.5 * (Hint.BOT in leaf) + 0.5 * column.leaf[-1].isdigit()
        is_made_of_it = is_generated(column.leaf) or is_reworded(column)
        return 2.0 if is_made_of_it and last is Hint.PROMPT else 3.0 - less if last is Hint.PROMPT else -2.0
    if _goes(column, "in"):
        return 2.5
    if Hint.BOT in hints or not MADE.isdisjoint(words_of(column.leaf)):
        return -2.0
    if not ASKERS.isdisjoint(words_of(column.leaf)) and column.prose >= 0.5 and column.distinct >= 0.5:
        return STRONG
    return 2.0 * (Hint.USER in hints) + 1.0 * (Hint.TEXT in hints)


def is_reworded(column: Column) -> bool:
    """``search_query``: what a program made of the user's words to look something up."""
    return not _REWORDED.isdisjoint(plain_name(column.leaf).split("_"))


def _counts_tokens(column: Column) -> bool:
    """Whether a name of tokens means their number; some log the text under it."""
    return Hint.TOKENS in hints_of(column.leaf) and column.prose < 0.5


def side_of_tokens(name: str) -> Hint | None:
    """Whether a name of tokens means those of the prompt or of the answer: ``Tokens ein``, ``output tokens``."""
    leaf = _BRACKETS.sub(" ", name.rpartition(".")[2])  # res.usage.in
    words = plain_name(leaf).split("_")
    own = Hint.PROMPT if not _IN.isdisjoint(words) else Hint.ANSWER if not _OUT.isdisjoint(words) else None
    sides = (Hint.PROMPT, Hint.ANSWER)
    return last_hint(leaf, sides) or own or last_hint(name, sides)


def _is_measure(column: Column) -> bool:
    """Whether this is how long something took, or how many tokens it has."""
    is_named = not hints_of(column.leaf).isdisjoint({Hint.TIME, Hint.DURATION, Hint.TOKENS, Hint.ORDER})
    is_named = is_named or Hint.TOKENS in hints_of(column.parent.rpartition(".")[2])  # tokens.out
    return column.kind in (Kind.NUMBER, Kind.EMPTY) and (is_named or plain_name(column.leaf) == "response_code")


def answer_points(column: Column) -> tuple[float, float] | None:
    name = answer_name(column)
    if name < -1 or column.kind in (Kind.TIME, Kind.MODEL) or _is_measure(column):
        return None
    if column.kind is Kind.OBJECT:  # whole, unless a text within it has a name of its own
        return None if _is_around(column) else (name, -1.0)
    if is_written(column):
        return max(name, 1.0), 0.0
    if (name <= STRONG and (column.kind is not Kind.TEXT or column.prose < 0.2)) or column.kind is Kind.LIST:
        return None
    is_repeated = len(column.values) > 4 and column.distinct < 0.3 and name < STRONG
    return name, 1.0 * column.prose - 0.5 * column.questions - 1.5 * is_repeated


def _is_around(column: Column) -> bool:
    """Whether objects tell of the call, as its tokens or its model, and nothing of what was said."""
    held = [item for value in column.values for item in object_in(value).items()]
    is_about = any({Hint.TOKENS, Hint.MODEL} & hints_of(key) for key, _ in held)
    return is_about and not any(isinstance(value, list) or is_prose(str(value)) for _, value in held)


def is_written(column: Column) -> bool:
    """Whether a cell of a table may be the object that a model was asked for."""
    is_json = column.kind is Kind.TEXT and all(isinstance(decode(value), dict) for value in column.values)
    return is_json and not column.parent and plain_name(column.leaf) not in _AROUND and column.distinct > _SAME_OBJECTS


def answer_name(column: Column) -> float:
    plain, hints = plain_name(column.leaf), hints_of(column.name)
    leaf = hints_of(column.leaf)
    is_about = Hint.ABOUT in leaf and column.prose < 0.5  # ``predicted_score``, and no ``generated_description``
    if is_made(column.leaf) and not (is_about or {Hint.PROMPT, Hint.ID, Hint.TOKENS} & leaf):
        return _OF_A_MODEL
    if Hint.EXPECTED in leaf or plain in (*SYNONYMS["target"], *SYNONYMS["any_of"]):
        return 2.9 if plain == "label" and last_hint(column.parent, (Hint.PROMPT, Hint.ANSWER)) is Hint.ANSWER else -3.0
    if plain in _MADE_OF_TEXT:
        return _MADE_OF_TEXT[plain]
    if (plain in ("a", "a_text") and column.parent == "") or (plain == "a" and Hint.ANSWER in hints_of(column.parent)):
        return 2.5
    if plain in SYNONYMS["answer"]:
        return 3.0 - 0.02 * SYNONYMS["answer"].index(plain)
    if Hint.ID in leaf or _counts_tokens(column):
        return -3.0
    if Hint.ABOUT in leaf:
        return -1.5
    last = last_hint(column.name, (Hint.PROMPT, Hint.ANSWER))
    if last is Hint.PROMPT and is_generated(column.leaf):
        return 2.1
    if last is not None:
        named = STRONG if LESS_SURE.issuperset(words_of(column.leaf)) else 3.0 - 0.5 * column.leaf[-1].isdigit()
        is_bots = not BOTS.isdisjoint(words_of(column.leaf))  # and no agent's, who may be a person
        named += is_bots + 0.5 * (Hint.BOT in leaf and not is_bots) - 0.5 * (Hint.USER in leaf)
        return named if last is Hint.ANSWER else -2.0
    if _goes(column, "out"):
        return 2.5
    if Hint.BOT in hints or names_model(column.leaf):
        return 2.0 + 1.0 * (Hint.TEXT in hints)
    return -2.0 if Hint.USER in hints else 0.0


def _goes(column: Column, way: str) -> bool:
    """``in``, ``msg_in``, ``in_text``: a text that goes this way."""
    is_inner = bool(column.parent) and Hint.TEXT in hints_of(column.leaf)  # out.text
    name = column.parent.rpartition(".")[2] if is_inner else column.leaf
    words = plain_name(name).split("_")
    return way in (words[0], words[-1]) and (len(words) == 1 or Hint.TEXT in hints_of(name))


VERSION = re.compile(
    r"v?\d+|[a-e]|old|new|before|after|base|baseline|finetuned|tuned|candidate|control|champion|challenger|left|right"
)


def is_of_several(answer: Column, others: Sequence[Column]) -> bool:
    """Whether other columns hold the answers of other models, versions or people to the same prompt, by their names."""
    bare, is_bots = _bare(answer), _is_bots(answer)
    return any(
        (_bare(other) == bare or (is_bots and Hint.BOT in hints_of(other.leaf) and not _is_bots(other)))
        and other.kind is answer.kind
        and other.path != answer.path
        for other in others
        if other.parent == answer.parent
    )


def is_tied(answer: Column, others: Sequence[Column]) -> bool:
    """Whether another column is as much called an answer and has other texts, where neither has the usual name."""
    points = answer_name(answer) if _is_bots(answer) else STRONG
    return plain_name(answer.leaf) not in SYNONYMS["answer"] and any(
        answer_name(other) >= points and Hint.ANSWER in hints_of(other.leaf) and other.prose >= 0.5
        for other in others
        if other.path != answer.path and other.parent == answer.parent and other.values != answer.values
    )


def _is_bots(column: Column) -> bool:
    return not BOTS.isdisjoint(words_of(column.leaf))


def _bare(column: Column) -> tuple[str, ...]:
    """The words of a name but those for models and versions."""
    words = [word for part in plain_name(column.leaf).split("_") for word in words_of(part)]
    if names_model(column.leaf) and Hint.ANSWER not in hints_of(column.leaf):
        return ()
    if Hint.BOT in hints_of(column.leaf) or any(map(names_model, words)):  # which have words of their own: 4o, large
        words = [word for word in words if hints_of(word) and not names_model(word)]
    return tuple(word for word in words if not VERSION.fullmatch(word) and Hint.BOT not in hints_of(word))


_PERSONA = re.compile(
    r"\s*(you are|you're|your role|act as|du bist|sie sind|tu es|vous êtes|"
    r"eres|usted es|você é|sei un|あなたは|你是|您是|당신은|너는)",
    re.I,
)


def system_prompts(columns: Sequence[Column], taken: Iterable[str]) -> str | None:
    """The column of system prompts, by its name or as the same instructions in many rows."""
    used = set(taken)
    told = next((column for column in columns if column.path not in used and is_of_system(column)), None)
    for name in SYNONYMS["system"]:
        for column in columns:
            if column.path in used or plain_name(column.leaf) != name:
                continue
            is_context = name == "context"
            if column.kind is not Kind.MODEL and (
                not is_context
                or (
                    column.kind is Kind.TEXT
                    and str(column.values[0])[:1] != "{"
                    and (len(column.values) < 4 or column.distinct <= 0.25)
                )
            ):
                return column.path
    return told.path if told else None


def is_worded(column: Column) -> bool:
    """Whether this may be a system prompt in a table of turns: sentences, also in a message or in parts."""
    held = [value for value in column.values[:1] if str(value)[:1] in "[{"]
    return column.prose >= 0.5 or any(
        is_prose(system_text(value, column.path)) or has_words(decode(value), is_text=False) for value in held
    )


def is_of_system(column: Column) -> bool:
    """``sys_prompt``; or an ``Agent Prompt`` that is the same in many rows."""
    hints = hints_of(column.leaf)
    if column.kind is not Kind.TEXT or column.prose < 0.5 or {Hint.ID, Hint.ABOUT, Hint.TOKENS, Hint.ANSWER} & hints:
        return False
    is_same = len(column.values) >= 4 and column.distinct <= 0.25
    if is_same and sum(_PERSONA.match(str(value)) is not None for value in column.values) >= 0.5 * len(column.values):
        return True
    return Hint.SYSTEM in hints or ({Hint.PROMPT, Hint.BOT} <= hints and is_same)


def is_answered_within(column: Column) -> bool:
    """Whether most conversations end with an answer."""
    talks = [as_messages(list_in(value) or value, column.path) or [None] for value in column.values]
    return 2 * [at(talk[-1], "role") for talk in talks].count("assistant") > len(talks)
