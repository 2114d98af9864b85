"""Right answers beside a model's: by the words of both names, and by what stands in both columns."""

from collections.abc import Sequence
from itertools import product

from advisor.ingest.homemade.facts import NOT_RIGHT
from advisor.ingest.homemade.names import BOTS, OF_MODELS, Hint, hints_of, is_made, names_model, plain_name, words_of
from advisor.ingest.homemade.origin import is_code, is_verdict
from advisor.ingest.homemade.profile import Column, Kind
from advisor.ingest.homemade.texts import STRONG, VERSION, answer_name, prompt_name
from advisor.ingest.records.columns import SYNONYMS

_OF_RESULTS = frozenset({"pred", "prediction", "predictions", "predicted", "generated", "output"})
_PREDICTED = frozenset({"prediction", "predictions", "predicted", "pred", "preds", "hypothesis", "hyp"})
_MODELS = OF_MODELS - {"response", "responses", "completion", "completions", "prompt", "prompts", "input", "inputs"}
_BY_PEOPLE = frozenset({
    "orig", "original", "human", "manual", "true", "actual", "real", "manuell", "manuale", "humano",
    "humana", "mensch", "humain", "humaine", "vera", "vero", "verdadera", "verdadeira", "vrai",
    "echte", "expert", "sme", "doctor", "teacher", "edited", "corrected", "revised", "korrigierte",
    "corrigee", "corregida", "corrigida", "人工", "真实", "专家", "人手", "전문가",
})  # fmt: skip
_SOLUTIONS = frozenset({"solution", "solutions", "losung", "loesung", "solucion", "solucao", "soluzione"})
_LABELS = frozenset({"label", "labels", "etikett", "etiqueta", "标注", "標註"})
_FIRST = frozenset({"orig", "original", "actual"})
_MANUAL = frozenset({"manual", "manuell", "manuale"})
_CORRECTED = frozenset({
    "corrected", "approved", "verified", "curated", "edited", "postedited", "revised", "reviewed", "editor",
    "reviewer", "linguist", "professional", "menschliche", "menschlich", "korrigiert", "korrigierte", "geprufte",
    "corrige", "corrigee", "corregida", "corregido", "revisada", "revisado", "corrigida", "corrigido", "corretta",
    "rivista", "审核", "修正", "校对", "검수", "수정",
})  # fmt: skip
_NO_RIGHT = {
    Hint.USER, Hint.PROMPT, Hint.ID, Hint.TOKENS, Hint.TIME, Hint.DURATION, Hint.ABOUT, Hint.MODEL, Hint.SYSTEM,
    Hint.SPEAKER, Hint.SESSION,
}  # fmt: skip
_ALIKE = 0.5
"""The share of labels that two columns have in common, or of right answers that stand in a model's sentence."""
_SOME_PROSE = 0.3
_KINDS = (Kind.TEXT, Kind.ID, Kind.FLAG, Kind.NUMBER)


def right_answers(columns: Sequence[Column]) -> dict[str, str]:
    """A model's answers to the right ones, path to path.

    ``gpt_sentiment`` has ``sentiment`` in its name, ``answer`` stands beside ``prediction``, ``Expected`` says it, and
    beside ``Bot answer`` the only other answer is the right one, whatever it is called.
    """
    held = [column for column in columns if column.kind in _KINDS and not is_verdict(column)]
    found = _by_values(held) | _by_rest(held)
    return found or _by_prefix(held) or _within(held) or _beside(held)


def without_sides(rights: dict[str, str], asking: dict[str, float]) -> dict[str, str]:
    """Without ``human_message`` where nothing else asks: one side of a talk, and no right answer.

    ``asking``: what may be prompts, with the points of their names.
    """
    if any(points >= STRONG for path, points in asking.items() if path not in rights.values()):
        return rights
    sides = {path for path, points in asking.items() if points >= STRONG and {Hint.TEXT, Hint.ORDER} & hints_of(path)}
    return {answer: right for answer, right in rights.items() if right not in sides}


def _by_prefix(columns: Sequence[Column]) -> dict[str, str]:
    """``translation`` and ``human_translation``: an answer, and what people made of it under the same name."""
    answers = {words_of(column.leaf): column for column in columns if answer_name(column) >= STRONG}
    found = {}
    for right in columns:
        words = words_of(right.leaf)
        rest = tuple(word for word in words if word not in _BY_PEOPLE | _CORRECTED)
        made = answers.get(rest) if rest != words and not {*words} & _FIRST else None
        if made is not None and made is not right and _are_alike(made, right):
            found[made.path] = right.path
    return found


def _by_rest(columns: Sequence[Column]) -> dict[str, str]:
    by_name = {plain_name(column.leaf): column for column in columns}
    found = {}
    for name, column in by_name.items():
        rest = "_".join(part for part in name.split("_") if part not in _OF_RESULTS and part not in _MODELS)
        right = by_name.get(rest or "answer")
        if rest == name or right is None or right is column or hints_of(right.leaf) == {Hint.ID}:  # assistant_id
            continue
        if not (_are_alike(column, right) or _holds(column, right)):
            continue
        if {Hint.PROMPT} == {Hint.PROMPT, Hint.ANSWER} & hints_of(column.leaf):
            continue
        if rest and prompt_name(right) >= 1:  # ``text`` and ``bot_text`` are both sides
            continue
        found[column.path] = right.path
    return found


def _within(columns: Sequence[Column]) -> dict[str, str]:
    """``model_completion`` and ``answer``, of which the one is a sentence with the other, such as a number, in it."""
    named = [column for column in columns if answer_name(column) >= STRONG]
    made = [column for column in named if not OF_MODELS.isdisjoint(words_of(column.leaf)) and column.prose >= 0.5]
    plain = [column for column in named if column not in made and column.prose < _SOME_PROSE]
    is_one = len(made) == len(plain) == 1
    return {one.path: other.path for one, other in product(made, plain) if is_one and _holds(one, other)}


def _by_values(columns: Sequence[Column]) -> dict[str, str]:
    """``ModelLabel`` and ``Expected`` with the same few words, ``answer_llm`` and ``answer_human`` with sentences."""
    expected = [column for column in columns if _is_expected(column)]
    people = frozenset[str]() if expected else _BY_PEOPLE  # "actual" beside "expected" is a model's
    made = [
        column
        for column in columns
        if (not {Hint.BOT, Hint.MODEL}.isdisjoint(hints_of(column.leaf)) or is_made(column.leaf))
        and not _names_models(column)
        and people.isdisjoint(words_of(column.leaf))
        and column not in expected
    ]
    rights = expected or [c for c in columns if c not in made and any(_is_right(c, one) for one in made)]
    return {
        column.path: right.path
        for column, right in product(made, rights)
        if len(made) == len(rights) == 1
        and (
            _are_alike(column, right)
            or _holds(column, right)
            or Hint.ANSWER in hints_of(column.leaf) & hints_of(right.leaf)
        )
    }


def _is_expected(column: Column) -> bool:
    """Whether the name says that it is right; ``label`` doesn't, with a model's name before it."""
    hints = hints_of(column.leaf)
    if is_code(column) or not NOT_RIGHT.isdisjoint(words_of(column.leaf)):
        return False
    is_label = not hints.isdisjoint({Hint.BOT, Hint.MODEL}) and not _LABELS.isdisjoint(words_of(column.leaf))
    return Hint.EXPECTED in hints and not is_label and not is_made(column.leaf)


def _is_right(column: Column, made: Column) -> bool:
    """Whether a name says so; what people wrote is often the prompt, unless it is a label or named as the answer is."""
    hints, words = hints_of(column.leaf), words_of(column.leaf)
    is_named = Hint.ANSWER in hints or bool({*words} - _BY_PEOPLE & {*words_of(made.leaf)})
    is_peoples = not _BY_PEOPLE.isdisjoint(words)
    return is_peoples and (column.prose < _SOME_PROSE or is_named)


def _beside(columns: Sequence[Column]) -> dict[str, str]:
    """The only other answer beside those that are a model's by their names, or beside one with no more name."""
    answers = [column for column in columns if _is_answer(column) and not _is_of_something(column)]
    bare = [column for column in answers if plain_name(column.leaf) in SYNONYMS["answer"]]
    made = [column for column in answers if _is_of_model(column)]
    others = [column for column in answers if column not in made and BOTS.isdisjoint(words_of(column.leaf))]
    if not made:
        made, others = bare, [column for column in others if column not in bare and not _is_version(column)]
    return {
        column.path: right.path
        for column, right in product(made, others)
        if len(others) == 1 and (_are_alike(column, right) or _holds(column, right))
    }


def is_right_by_name(right: Column, answer: Column) -> bool:
    """Whether the names tell which of the two is right: ``answer`` beside ``shop answer`` only shows a guess."""
    words, hints = {*words_of(right.leaf)}, hints_of(right.leaf)
    if (
        Hint.EXPECTED in hints
        or plain_name(right.leaf) in SYNONYMS["target"]
        or words & (_BY_PEOPLE - _FIRST - _MANUAL | _SOLUTIONS)
    ):
        return True
    is_plain = Hint.ANSWER not in hints or all(Hint.ANSWER in hints_of(word) for word in words)
    return is_plain or (_is_of_model(answer) and Hint.BOT not in hints)


def _is_version(column: Column) -> bool:
    return any(map(VERSION.fullmatch, plain_name(column.leaf).split("_")))


def _is_answer(column: Column) -> bool:
    return Hint.ANSWER in hints_of(column.leaf) or not _SOLUTIONS.isdisjoint(words_of(column.leaf))


def _is_of_something(column: Column) -> bool:
    words = {*words_of(column.leaf)} - _BY_PEOPLE - {"from"}  # human_reply, answer_from_docs
    return any(_NO_RIGHT & (hints_of(word) - {Hint.MODEL}) for word in words)


def _is_of_model(column: Column) -> bool:
    words = {*words_of(column.leaf)}
    return bool(words & (BOTS | _PREDICTED)) or Hint.MODEL in hints_of(column.leaf) or any(map(names_model, words))


def _names_models(column: Column) -> bool:
    return not {Hint.ID, Hint.TOKENS}.isdisjoint(hints_of(column.leaf)) or plain_name(column.leaf) in SYNONYMS["model"]


def _are_alike(column: Column, other: Column) -> bool:
    if column.prose >= _SOME_PROSE and other.prose >= _SOME_PROSE:
        return True
    values, others = ({str(value).strip(" .").lower() for value in each.values} for each in (column, other))
    return len(values & others) >= _ALIKE * min(len(values), len(others))


def _holds(made: Column, right: Column) -> bool:
    """Whether the right answers stand in a model's sentences."""
    pairs = list(zip(right.values, made.values, strict=False))
    is_even = len(right.values) == len(made.values) and made.prose >= 0.5
    return is_even and sum(str(short).strip(" .") in str(text) for short, text in pairs) >= _ALIKE * len(pairs)
