"""Which columns tell what is known about a call: model, time, tokens, latency, session."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise

from advisor.ingest.homemade.joined import is_flag, named_by_moment
from advisor.ingest.homemade.names import Hint, hints_of, is_made, last_hint, plain_name, plain_words, words_of
from advisor.ingest.homemade.origin import is_code
from advisor.ingest.homemade.profile import USAGES, Column, Kind, most, names_growing
from advisor.ingest.homemade.texts import OTHER_WORK, side_of_tokens
from advisor.ingest.messages.usage import BOTH_SIDES, read_usage
from advisor.ingest.records.columns import SYNONYMS, guess_columns
from advisor.ingest.records.quantities import lasted, unit_of
from advisor.ingest.values.numbers import SECONDS, parse_count
from advisor.ingest.values.times import parse_time

_TEXTS = ("messages", "prompt", "system", "answer")
_WITH_UNIT = re.compile(rf"\d\s*{SECONDS}\s*$", re.I)
_PLAIN = re.compile(r"\d+(\.\d+)?")
_TIME_TAKEN = frozenset({"time", "zeit", "czas", "tempo", "temps", "tiempo", "tijd", "时间", "時間", "시간"})
_GIVEN, _TAKEN = plain_words("in input prompt"), plain_words("out output completion gen generated response")
"""Words for whose tokens they are: ``iTokens``, ``n_in``."""
_NO_TARGETS = {
    Hint.ABOUT, Hint.TIME, Hint.DURATION, Hint.TOKENS, Hint.ID, Hint.MODEL, Hint.PROMPT, Hint.SYSTEM, Hint.SESSION,
}  # fmt: skip
NOT_RIGHT = frozenset({"rejected", "references", "doc", "docs", "document", "documents", "passage", "chunk", "chunks"})
"""Words of what wasn't chosen, and of sources."""
_JUDGMENTS = frozenset(
    {"correct", "correcta", "correcto", "correta", "correto", "korrekt", "richtig", "exacte", "正确", "正確"}
)
"""Words that tell of a right answer only beside one for answers."""
_OF_PRODUCTS = plain_words("""serial seriennummer serie sku vin imei firmware brand marke marque marca make manufacturer
    hersteller fabricant fabricante warranty garantie garantia garanzia mileage baujahr
    appliance vehicle fahrzeug 品牌 序列号
    型号 製品 メーカー 型番 제품 브랜드""")
_PRODUCTS = plain_words(
    "product produkt produit producto prodotto produto device gerat appareil item artikel 产品 设备 商品 기기"
)
_EXPORTS = frozenset({"export", "exported", "exportiert", "exporte", "exportado", "dump", "downloaded"})
"""Words of moments at which the file was made."""
_ENDS = plain_words("""end ended finish finished completed complete completion done answered response responded received
    reply replied ende fertig beendet beantwortet antwort fin termine repondu reponse terminado respuesta fim respondido
    resposta fine finito risposta einde 结束 完成 结束时间 完成时间 終了 完了 回答 回复 応答 종료 완료 답변 응답""")
_FIRST = re.compile(r"(^|_)(first|queue|ttft|erst\w*|premiere?|primer\w*|primo|prima)(_|$)|首|初|첫")
_OF_CALLS = plain_words("""requests calls anfragen aufrufe requetes appels solicitudes llamadas peticiones richieste
    chiamate requisicoes chamadas solicitacoes verzoeken リクエスト数 呼び出し回数 利用回数 请求数 请求次数 调用次数
    调用量 요청수 요청_수 호출수 호출_수""")
_BEFORE_CALLS = re.compile(r"(n|no|nb|nr|num|numero|nombre|number|anzahl|total|gesamt|count|of|de|d|di|der)_")
_MONEY = frozenset({"cost", "costs", "price", "usd"})
_COUNTS = frozenset({"n", "num", "number", "count", "counts", "cnt", "nb"})
_FEW_IDS = 3
_SUBJECTS = plain_words("subject betreff asunto oggetto objet assunto onderwerp temat 主题 件名 제목")
"""Words of what many conversations are about: ``ticket_subject``."""
_OF_SESSION = re.compile(r"(sess|session|conv|conversation|thread|dialog|dialogue|chat)[-_:]", re.I)
_OF_A_PART = frozenset({"prompt", "completion", "queue", "input", "output", "eval", "prefill", "decode"})
"""Words of times in an object of counts that are those of a part of the call: Groq's ``usage.prompt_time``."""
_USUAL = frozenset(name for role, names in SYNONYMS.items() if role not in _TEXTS for name in names)
_HOLDS = {
    "time": (Kind.TIME, Kind.TEXT, Kind.OTHER),
    "latency": tuple(set(Kind) - {Kind.TIME}),
    "input_tokens": (Kind.NUMBER, Kind.EMPTY),
    "output_tokens": (Kind.NUMBER, Kind.EMPTY),
}
"""What has to stand in a column that is named for a role, where that can be told."""


def find_facts(columns: Sequence[Column], taken: Iterable[str]) -> dict[str, str]:
    """Role to path for everything but the texts: by the usual names, else by words of a name, and by the values."""
    used = set(taken)
    used |= {column.path for column in columns if column.parent in used and Hint.EXPECTED in hints_of(column.leaf)}
    read = {each.path for each in columns if each.path in USAGES and any(map(read_usage, each.values))}
    columns = [
        column  # an object of counts is read as a whole, but for what it holds beside them: usage.latency_ms
        for column in columns
        if column.path in read or column.path.partition(".")[0] not in read or Hint.TOKENS not in hints_of(column.leaf)
    ]
    leaves: dict[str, str] = {}
    for column in sorted(columns, key=lambda column: (column.kind is Kind.EMPTY, column.path.count("."))):
        leaves.setdefault(_usual(column), column.path)
    by_path = {column.path: column for column in columns}
    kinds = {column.path: column.kind for column in columns}
    found: dict[str, str] = {}
    for role, leaf in guess_columns(leaves).items():
        path = leaves[leaf]
        if role in _TEXTS or path in used or kinds[path] not in _HOLDS.get(role, (kinds[path],)):
            continue
        if kinds[path] is Kind.OBJECT and role != "params":
            continue
        if role == "model" and _is_of_products(by_path[path], columns):
            continue
        if (role == "session" and _is_no_session(by_path[path])) or (role == "target" and is_code(by_path[path])):
            continue
        found[role] = path
        used.add(path)
    for role, score in _SCORES.items():
        if role in found and not _is_improved(role, found[role], columns):
            continue
        scored = [
            (score(column), -column.place, column.path)
            for column in columns
            if column.path not in used
            and not (role == "model" and _is_of_products(column, columns))
            and not (role.endswith("_tokens") and column.path.partition(".")[0] in read)
        ]
        best = max(scored, default=(0.0, 0, ""))
        if best[0] > 0:
            found[role] = best[2]
            used.add(best[2])
    found |= {} if found.keys() & {"input_tokens", "output_tokens"} else _tokens_of_both(columns)
    if "session" not in found and (session := names_growing(columns, used) or named_by_moment(columns)):
        found["session"] = session
    if "latency" not in found and "time" in found:
        begun = by_path[found["time"]]
        ended = next((each.path for each in columns if each.path not in used and _ends(each, begun)), None)
        found |= {"latency": ended} if ended else {}
    return found


def _ends(column: Column, begun: Column) -> bool:
    """Whether a column of moments tells when the calls ended that began then."""
    if column.kind is not Kind.TIME or begun.kind is not Kind.TIME or len(column.values) != len(begun.values):
        return False
    is_end = Hint.DURATION in hints_of(column.leaf) or not _ENDS.isdisjoint(words_of(column.leaf))
    if not is_end and not any(word in plain_name(column.leaf) for word in _ENDS if not word.isascii()):
        return False
    taken = [lasted(one, "", None, parse_time(other)) for one, other in zip(column.values, begun.values, strict=True)]
    return None not in taken and any(taken)


def _is_of_products(model: Column, columns: Sequence[Column]) -> bool:
    """Whether a model is one of a machine or a thing on sale: a serial number or a maker stands beside it."""
    beside = {word for column in columns for word in plain_name(column.leaf).split("_")}
    is_several = len({str(value) for value in model.values}) >= _FEW_IDS and not _PRODUCTS.isdisjoint(beside)
    return model.kind is not Kind.MODEL and (is_several or not _OF_PRODUCTS.isdisjoint(beside))


def _usual(column: Column) -> str:
    """What the column says as it is usually written: ``total_latency``, ``model_name``."""
    outer, leaf = column.parent.rpartition(".")[2], column.leaf
    names = () if column.said == leaf else (f"{outer}_{leaf}", f"{leaf}_{outer}", outer)
    return next((name for name in names if plain_name(name) in _USUAL), leaf)


def _is_improved(role: str, path: str, columns: Sequence[Column]) -> bool:
    """Whether a column of the usual name holds nothing, so that another one is looked for."""
    column = next(column for column in columns if column.path == path)
    return role in ("time", "model") and (
        column.kind is Kind.EMPTY
        or (role == "time" and column.kind is not Kind.TIME)
        or (role == "model" and column.kind is not Kind.MODEL and any(each.kind is Kind.MODEL for each in columns))
    )


def _time(column: Column) -> float:
    if column.kind is not Kind.TIME or not _EXPORTS.isdisjoint(words_of(column.leaf)):
        return 0.0
    hints = hints_of(column.path)
    usual = plain_name(column.leaf) in SYNONYMS["time"]
    later = (1.5 if column.parent else 0.9) * (Hint.LATER in hints)
    return 1.0 + usual + (Hint.BEGIN in hints) + 0.5 * (Hint.TIME in hints) - later


def _model(column: Column) -> float:
    if not OTHER_WORK.isdisjoint(words_of(column.leaf)):
        return 0.0
    if column.kind is Kind.MODEL:
        hints = hints_of(column.leaf)
        return 1.0 + (Hint.MODEL in hints) + 0.5 * ("used" in plain_name(column.leaf))
    is_named = Hint.MODEL in hints_of(column.leaf) and not {Hint.ABOUT, Hint.ANSWER, Hint.PROMPT, Hint.TEXT} & hints_of(
        column.leaf
    )
    return 0.5 * (is_named and column.kind in (Kind.TEXT, Kind.ID) and column.prose < 0.1)


def _tokens(column: Column, side: Hint) -> float:
    hints = hints_of(column.path)
    near = ".".join(column.path.split(".")[-2:])  # {"tokens": {"prompt": 12}}
    is_other = {Hint.TIME, Hint.DURATION} & hints_of(column.leaf) or _MONEY & {*plain_name(column.leaf).split("_")}
    if column.kind is not Kind.NUMBER or Hint.ALL in hints or is_other:
        return 0.0
    if Hint.TOKENS not in hints_of(near):
        is_count = all(isinstance(value, int) or str(value).isdecimal() for value in column.values)
        side_words = _GIVEN if side is Hint.PROMPT else _TAKEN
        named = (plain_name(name).split("_") for name in (near, column.leaf))
        return 0.5 * (
            is_count and any(len(words) == 2 and _COUNTS & {*words} and side_words & {*words} for words in named)
        )
    return float(side_of_tokens(column.path) is side)


def _tokens_of_both(columns: Iterable[Column]) -> dict[str, str]:
    """Role to path of a column whose cells tell the tokens of prompt and answer, in this order."""
    counting = [column for column in columns if Hint.TOKENS in hints_of(column.leaf) and column.kind is not Kind.EMPTY]
    named = filter(_names_both, counting)
    told = (by for by in named if most(by.values, lambda value: BOTH_SIDES.fullmatch(str(value).strip()) is not None))
    return next(({"input_tokens": by.path, "output_tokens": by.path} for by in told), {})


def _names_both(column: Column) -> bool:
    """Whether the name says tokens and no more, or first the prompt's; or the cells say whose: ``312 in / 206 out``."""
    words = plain_name(re.sub(r"\W+", " ", column.leaf)).split("_")
    sides = [side for word in words if (side := side_of_tokens(word))]
    others = {word for word in words if Hint.TOKENS not in hints_of(word)} - _COUNTS - {"used", "total"}
    is_bare = not any(map(str.isalpha, str(column.values[0])))
    return not (is_bare and others) or sides[:2] == [Hint.PROMPT, Hint.ANSWER]


def counts_calls(name: str) -> bool:
    """Whether a column is named for a number of calls: ``requests``, ``Anzahl Anfragen``, ``nb requêtes``."""
    return _BEFORE_CALLS.sub("", plain_name(name)) in _OF_CALLS


def _latency(column: Column) -> float:
    hints, words = hints_of(column.said), {*plain_name(column.said).split("_")}
    if column.kind is not Kind.NUMBER or (column.path.partition(".")[0] in USAGES and _OF_A_PART & words):
        return 0.0
    if Hint.ID in hints or (Hint.TOKENS in hints and not {Hint.DURATION, "usage"} <= hints | words):
        return 0.0
    has_unit = any(isinstance(value, str) and _WITH_UNIT.search(value) for value in column.values)
    unit = unit_of(column.said)
    is_span = Hint.TIME in hints and (has_unit or bool({Hint.ANSWER, Hint.BOT} & hints) or _is_time_taken(column))
    is_span = is_span or (unit is not None and bool({Hint.ANSWER, Hint.BOT, Hint.ALL, Hint.TIME} & hints))
    is_short = "lat" in words and unit is not None  # by itself it is a latitude
    is_unnamed = not hints and (has_unit or words <= {"ms", "sek", "sec", "t", "rt", "dt"})
    is_first = _FIRST.search(plain_name(column.said)) is not None
    return 2.0 * (Hint.DURATION in hints or is_short) + is_span + 0.5 * is_unnamed - 0.5 * is_first


def _is_time_taken(column: Column) -> bool:
    """``time`` above small numbers, which are neither moments nor a spreadsheet's days since 1900."""
    numbers = [float(text) for value in column.values if _PLAIN.fullmatch(text := str(value).strip().replace(",", "."))]
    is_number = len(numbers) == len(column.values) and not all(40_000 <= number < 60_000 for number in numbers)
    return is_number and not _TIME_TAKEN.isdisjoint(plain_name(column.leaf).split("_"))


def _session(column: Column) -> float:
    hints = hints_of(column.leaf)
    if (
        column.kind is Kind.ID
        and Hint.ID in hints
        and column.distinct < 1
        and most(column.values, lambda value: _OF_SESSION.match(str(value)) is not None)
    ):
        return 0.5  # client_id: sess_4f6475
    if Hint.SPEAKER in hints and Hint.ID not in hints:  # conversation_type
        return 0.0
    if not _SUBJECTS.isdisjoint(plain_name(column.leaf).split("_")):
        return 0.0
    if Hint.SESSION not in hints or {Hint.TEXT, Hint.ABOUT, Hint.TIME, Hint.DURATION} & hints:
        return 0.0
    if Hint.TOKENS in hints and words_of(column.leaf)[-1] != "token":  # session_token tells the session
        return 0.0
    if column.kind not in (Kind.ID, Kind.NUMBER, Kind.TEXT) or column.prose > 0.1 or _is_no_session(column):
        return 0.0
    if last_hint(column.leaf, (Hint.SESSION, Hint.PROMPT, Hint.ANSWER)) is not Hint.SESSION:  # chat_completion_id
        return 0.0
    return 1.0 + (Hint.ID in hints)


def _is_no_session(column: Column) -> bool:
    """Whether the values count the rows, or are a flag."""
    if is_flag(column):
        return True
    counts = sorted(count for value in column.values if (count := parse_count(value)) is not None)
    return len(counts) == len(column.values) > 2 and all(other == one + 1 for one, other in pairwise(counts))


def _target(column: Column) -> float:
    hints, leaf = hints_of(column.path), hints_of(column.leaf)
    if Hint.EXPECTED not in hints or column.kind not in (Kind.TEXT, Kind.ID, Kind.NUMBER, Kind.FLAG):
        return 0.0
    if (
        _NO_TARGETS & leaf
        or is_made(column.leaf)
        or not {Hint.EXPECTED, Hint.ANSWER} & leaf
        or not NOT_RIGHT.isdisjoint(words_of(column.path))
        or (Hint.ANSWER not in leaf and column.prose < 0.5 and not _JUDGMENTS.isdisjoint(words_of(column.leaf)))
    ):
        return 0.0
    if is_code(column):
        return 0.0
    if column.kind is Kind.NUMBER and Hint.ANSWER not in hints:
        return 0.0
    return 1.0 + (Hint.EXPECTED in leaf) + 0.5 * (Hint.ANSWER in hints)


_SCORES: dict[str, Callable[[Column], float]] = {
    "time": _time,
    "model": _model,
    "input_tokens": partial(_tokens, side=Hint.PROMPT),
    "output_tokens": partial(_tokens, side=Hint.ANSWER),
    "latency": _latency,
    "session": _session,
    "target": _target,
}
