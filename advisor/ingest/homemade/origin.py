"""Whether a model answered, and not people each other: what names, other columns and the texts say."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from advisor.ingest.homemade.joined import Turns, is_flag
from advisor.ingest.homemade.names import (
    ASKERS,
    BOTS,
    CONFIRMED,
    OF_MODELS,
    OF_SOFTWARE,
    Hint,
    hints_of,
    is_made,
    plain_name,
    plain_words,
    words_of,
)
from advisor.ingest.homemade.profile import Column, Kind, most
from advisor.ingest.homemade.prompt_strings import messages_of
from advisor.ingest.homemade.roles import CONVERSATION, role_of
from advisor.ingest.homemade.texts import MADE
from advisor.ingest.records.columns import pick
from advisor.types import Json

_CODE = re.compile(
    r"\s*(select\b.+\bfrom\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|with\s+\w+\s+as\s*\(|"
    r"(create|alter|drop)\s+(table|index|view)\b|(get|post|put|delete|head|patch|options)\s+/|https?://\S+\s*$)",
    re.I | re.S,
)
_REMARKS = plain_words("""comment comments kommentar kommentare anmerkung anmerkungen bemerkung bemerkungen begrundung
    beschreibung commentaire commentaires remarque remarques comentario comentarios observaciones observacoes commento
    commenti nota notas remark remarks summary zusammenfassung resume 备注 備考 コメント 비고 메모""")
_SELLERS = plain_words(
    "seller owner merchant vendor host hotel manager management inhaber vendeur vendedor venditore 店主 商家"
)
_WORKS = plain_words("""article artikel articulo articolo artigo kb faq faqs slug permalink published publish
    reviewed veroffentlicht publie publicado pubblicato respondent survey questionnaire umfrage fragebogen befragung
    enquete sondage encuesta encuestado pesquisa sondaggio questionario exam quiz deck flashcard
    lesson syllabus curriculum
    문서 설문 调查 问卷 文章 アンケート 記事""")
"""Words for what people write to be read, or ask each other."""
_SAID = plain_words("""utterance message messages msg said nachricht mensaje mensagem messaggio bericht сообщение
    消息 讯息 メッセージ 発話 발화 메시지""")
_BARE = plain_words("text texts content contents txt body texto texte testo 内容 文本 본문 내용")
_MAILED = frozenset({"body", "content", "contents"})
"""Of them those for mail and posts, too."""
_OF_AUTHORS = plain_words("""author authors autor auteur autore owner editor writer stars likes views upvotes votes
    helpful favorites title titel titre titolo titulo by
    subject betreff asunto oggetto objet assunto cc bcc recipient address""")
"""Words for facts about it, of which one alone says little."""
_OF_PHONES = plain_words("""ani dnis wrap hold caller callee phone telephone telefon telefono telefone ivr voicemail
    recording dialed anrufer anruf appelant 来电 通话 電話 通話 전화 통화""")
_ARGUMENTS = plain_words("argument arguments args parameters params")
_IN_AND_OUT = plain_words("""input inputs output outputs query queries request requests response responses result
    results text eingabe ausgabe entrada salida saida entree sortie uscita
    输入 输出 入力 出力 입력 출력""")
_FEW = 2
_INSTRUCTION = re.compile(
    r"^\s*(?:explain|(please\s+|bitte\s+|can you\s+|could you\s+)?"
    r"(write|rewrite|rephrase|paraphrase|summari[sz]e|translate|draft|compose|generate|classify|extract|convert|"
    r"proofread|brainstorm|shorten|reword|simplify|polish|make (it|this|that) |tell me a\b|"
    r"act as|you are an?\b|give me (a|an|\d+|some)\b|suggest (a|an|\d+|some)\b|"
    r"(list|name) (the|all|\d+|two|three|four|five|ten|some)\b|"
    r"create (a|an)\b|implement|refactor|help me (to )?(write|draft|name|plan|find)|"
    r"schreib|verfass|formulier|fasse|ubersetz|übersetz|erklär|erstelle|nenne|gib mir|du bist|"
    r"écri[st]|rédige|résume|tradui[st]|explique|génère|donne-moi|"
    r"escrib|redact|resum[ea]|traduc|explica|genera|dame\b|"
    r"escrev|redij|traduz|gere\b|crie\b|scrivi|riassum|spiega|genera|"
    r"写一|帮我写|请写|翻译|总结|概括|解释|生成|列出)|"
    r".*(翻訳して|要約して|書いて|説明して|번역해|요약해|써 ?줘|작성해|설명해))",
    re.I,
)
"""How people begin what they want from a model and seldom from each other."""
_MARKDOWN = re.compile(
    r"```|\*\*[^*\n]+\*\*|^#{1,4} \S|^\s*[{\[]\s*\"|^1\. .*\n(.*\n)*2\. |as an AI\b|language model", re.I | re.M
)
_PLACEHOLDER = re.compile(r"\{\{\s*[\w .-]+\s*\}\}|\{[a-z_]+\}|\[\[?[A-Z_ ]{3,}\]?\]|<[a-z]+_[a-z_]+>|\$\{\w+\}")
_LOOKED_AT = 0.1
"""The share of texts that read as those of models."""
_REPEATED = 0.5
_NEARLY_ALL = 0.9


def is_of_a_model(columns: Sequence[Column], prompt: Column, answer: Column, facts: Iterable[str]) -> bool:
    """Whether a model may have answered: a text and a reply, without more, are as often of people."""
    if prompt.kind is Kind.MESSAGES:
        return True
    if "model" not in facts and _may_be_of_tools(prompt, answer) and any(map(_names_functions, columns)):
        return False
    if not {"model", "input_tokens", "output_tokens", "latency"}.isdisjoint(facts):
        return True
    if _is_version(prompt, answer):
        return False
    if any(not BOTS.isdisjoint(words_of(column.leaf)) for column in columns):
        return True
    if is_written_by_people(columns, prompt, answer) or _is_form(prompt, answer):
        return False
    if any(column.path == CONVERSATION for column in columns) and _takes_turns(prompt, answer):
        return True
    return _is_by_name(prompt, answer, facts) or _reads_like_one(prompt, answer)


def _may_be_of_tools(prompt: Column, answer: Column) -> bool:
    """Whether the names say no more than that something goes in and comes out, as arguments and results of tools do."""
    outer = words_of(prompt.path.partition(".")[0])
    words = words_of(prompt.leaf) + words_of(answer.leaf)
    return _ARGUMENTS.issuperset(outer) or all(word in _IN_AND_OUT for word in words if hints_of(word))


def _names_functions(column: Column) -> bool:
    """Whether each row has a tool, or the function of a program that asks a model."""
    return plain_name(column.leaf) in ("tool_name", "function_name") and column.filled >= _NEARLY_ALL


def _takes_turns(prompt: Column, answer: Column) -> bool:
    """Whether in a list of messages each has its reply, as people seldom have the patience for."""
    is_said = not (OF_SOFTWARE | _SAID).isdisjoint(words_of(prompt.leaf))
    return is_said and Hint.ANSWER in hints_of(answer.leaf) and min(prompt.filled, answer.filled) >= _NEARLY_ALL


def _is_version(prompt: Column, answer: Column) -> bool:
    """``review`` next to ``gpt_review``: what a person and a model wrote of something else."""
    rest = "_".join(word for word in plain_name(answer.leaf).split("_") if word not in BOTS)
    return rest == plain_name(prompt.leaf) != plain_name(answer.leaf) and rest not in _SAID | _BARE


def _is_by_name(prompt: Column, answer: Column, facts: Iterable[str]) -> bool:
    hints = hints_of(prompt.path), hints_of(answer.path)
    is_sellers = not _SELLERS.isdisjoint(plain_name(answer.leaf).split("_"))
    is_asked = Hint.PROMPT in hints[0] or not OF_SOFTWARE.isdisjoint(words_of(prompt.leaf))
    is_asked = is_asked and _REMARKS.isdisjoint(plain_name(answer.leaf).split("_"))
    return (
        is_made(answer.leaf)
        or "target" in facts
        or not OF_MODELS.isdisjoint(words_of(prompt.path) + (() if is_sellers else words_of(answer.path)))
        or {Hint.MODEL, Hint.ANSWER} <= hints[1]  # respuesta_modelo
        or (Hint.PROMPT in hints[0] and (Hint.ANSWER in hints[1] or plain_name(answer.leaf) in ("a", "a_text")))
        or not (any(hints) or plain_name(answer.leaf) in MADE)
        or (not hints[1] and is_asked and answer.prose >= 0.5)  # named as the bot
    )


def is_written_by_people(columns: Iterable[Column], prompt: Column, answer: Column | None = None) -> bool:
    """Whether these are articles, surveys or templates of prompts: by what is known about them, or their gaps."""
    beside = [column for column in columns if column.path != prompt.path]
    names = [plain_name(column.leaf).split("_") for column in beside]
    is_work = any(name[0] in _WORKS for name in names)  # and not ``matched_faq``
    about = {word for name in names for word in name} & _OF_AUTHORS
    is_call = plain_name(prompt.leaf) == "prompt" and answer and plain_name(answer.leaf) in ("response", "completion")
    is_talk = any(Hint.SESSION in hints_of(column.leaf) for column in beside)
    has_gaps = prompt.kind is not Kind.MESSAGES and _share(_PLACEHOLDER, prompt) > _REPEATED
    has_gaps = has_gaps and all(messages_of(text)[-1]["content"] == text for text in map(str, prompt.values[:1]))
    return is_work or has_gaps or (len(about) >= _FEW and not (is_talk or is_call))


def _is_form(prompt: Column, answer: Column) -> bool:
    """Whether columns are questions, or a few questions come again and again, each time with another answer."""
    if any(_asks_of(column.leaf) for column in (prompt, answer)):
        return True
    return len(prompt.values) > 5 and prompt.distinct < _REPEATED and answer.distinct > prompt.distinct


def _asks_of(name: str) -> bool:
    """``What do you like?``, but not ``What did you ask?``."""
    return name.rstrip().endswith(("?", "？")) and {Hint.PROMPT, Hint.ANSWER}.isdisjoint(hints_of(name))


def _reads_like_one(prompt: Column, answer: Column) -> bool:
    """By the texts, where the names are those of a talk."""
    is_said = not (OF_SOFTWARE | _SAID | ASKERS | (_BARE - _MAILED)).isdisjoint(words_of(prompt.leaf))
    if not is_said or not (Hint.ANSWER in hints_of(answer.leaf) or "agent" in words_of(answer.leaf)):
        return False
    return _share(_INSTRUCTION, prompt) + _share(_MARKDOWN, answer) >= _LOOKED_AT


def _share(pattern: re.Pattern[str], column: Column) -> float:
    texts = [value for value in column.values if isinstance(value, str)]
    return sum(pattern.search(text) is not None for text in texts) / max(len(texts), 1)


def are_people(roles: dict[str, str], columns: Sequence[Column]) -> bool:
    """Whether people talk: who answers may be a person, and what is told is of calls by phone or of a help desk."""
    answering = {word for value, role in roles.items() if role == "assistant" for word in words_of(value)}
    names = [{*plain_name(column.leaf).split("_")} for column in columns]
    are_on_phone = any(_OF_PHONES & words or words >= {"agent", "name"} for words in names)
    is_staff = "contact" in roles and roles.get("user") == "assistant"
    return is_staff or (BOTS.isdisjoint(answering) and are_on_phone)


def is_for_machines(column: Column) -> bool:
    """Whether these are statements of SQL, lines of HTTP or addresses."""
    return bool(column.values) and most(column.values, lambda value: _CODE.match(str(value)) is not None)


_FEW_IDS, _FEW_WORDS = 3, 3
_SOURCE = re.compile(r"https?://\S+|\S*\w\.(pdf|docx?|html?|md|txt|xlsx?|pptx?)\b.{0,20}", re.I)
_SOURCES = plain_words("reference ref referenz referencia riferimento referans rujukan 参考 參考 참조")
"""Words of sources, and of right answers."""


def is_code(column: Column) -> bool:
    """Whether these are references of orders and the like, each another one, sources of answers, or verdicts."""
    are_ids = column.kind is Kind.ID and column.distinct == 1 and len(column.values) > _FEW_IDS
    are_codes = are_ids or (
        bool(column.values) and most(column.values, lambda value: _SOURCE.fullmatch(str(value).strip()) is not None)
    )
    is_named = not _SOURCES.isdisjoint(words_of(column.leaf)) and Hint.ANSWER not in hints_of(column.leaf)
    return is_verdict(column) or (is_named and are_codes)


def is_verdict(column: Column) -> bool:
    """Whether ``verified_answer`` says yes, 1 or pending, and holds no answers."""
    is_few = column.prose == 0 and len({str(value).lower() for value in column.values}) <= _FEW_WORDS
    return (column.kind is Kind.FLAG or is_few) and not CONFIRMED.isdisjoint(words_of(column.leaf))


METERS = frozenset({"model", "latency", "input_tokens", "output_tokens"})


def marks_turns(answer: Column, metered: Iterable[Column], records: Sequence[dict[str, Json]], turns: Turns) -> bool:
    """Whether a column taken for answers says yes or no of turns: ``first_response``; a classifier's are metered.

    It says so too where all turns of the user have the same and others don't.
    """
    if not is_flag(answer):
        return False
    told = {(role_of(pick(row, turns.speaker), turns.roles), str(pick(row, answer.path))) for row in records}
    of_users = {flag for role, flag in told if role == "user"}
    is_of_answers = len(of_users) == 1 and len({flag for _, flag in told}) > 1
    return is_of_answers or not any(column.filled >= _NEARLY_ALL for column in metered)


_FEWEST_CHATS, _OFTEN = 4, 0.65


def take_turns(records: Sequence[dict[str, Json]], speaker: str, bots: Collection[str]) -> bool:
    """Whether one side begins nearly every conversation and both alternate in it; some speak twice in a row."""
    by = next((name for record in records for name in record if Hint.SESSION in hints_of(name)), None)
    chats: dict[str, list[bool]] = {}
    for record in records if by else ():
        chats.setdefault(str(record.get(by or "")), []).append(str(pick(record, speaker)).strip().lower() in bots)
    begun = sum(said[0] for said in chats.values())
    changes = [one is not other for said in chats.values() for one, other in pairwise(said)]
    is_begun_alike = len(chats) >= _FEWEST_CHATS and max(begun, len(chats) - begun) >= _NEARLY_ALL * len(chats)
    return is_begun_alike and len(changes) >= len(chats) and sum(changes) >= _OFTEN * len(changes)
