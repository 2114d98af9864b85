"""Which column of a table means what: synonyms, and a person's own choice over them."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from advisor.errors import BadInput
from advisor.ingest.redaction.redact import quoted_names
from advisor.ingest.values.json_text import at, object_in
from advisor.types import Json

_DURATIONS = (
    "latency", "duration", "response_time", "elapsed", "elapsed_time", "time_taken", "processing_time", "total_latency",
    "total_duration", "total_time", "e2e_latency", "response_latency", "request_duration", "generation_time", "dauer",
    "antwortzeit", "latenz", "duree", "latence", "temps_de_reponse", "duracion", "latencia", "tiempo_de_respuesta",
)  # fmt: skip
_FIRST_TOKENS = ("ttft", "time_to_first_token", "first_token", "first_token_latency", "first_token_time")
_TIME_UNITS = (
    "", "_ms", "_s", "_sec", "_secs", "_seconds", "_millis", "_milliseconds", "_us", "_ns", "_min", "_in_ms", "_in_s",
    "_in_seconds",
)  # fmt: skip
_COSTS = (
    "cost", "total_cost", "request_cost", "response_cost", "price", "total_price", "spend", "cout", "prix", "kosten",
    "preis", "coste", "costo", "precio",
)  # fmt: skip
_MONEY_UNITS = ("", "_usd", "_in_usd", "_cents", "_in_cents", "_usd_cents", "_micros", "_usd_micros", "_microdollars")
OTHER_MONEY = re.compile(r"€|£|¥|(?<![a-z])(eur|euros?|gbp|chf|jpy|cny|inr|brl|cad|aud)(?![a-z])", re.I)
_PIVOTED = re.compile(
    r"^(sum|average|avg|mean|minimum|maximum|summe|mittelwert|durchschnitt|somme|moyenne|suma|promedio|soma|media|somma)"
    r"_(of|von|de|di|do|da|der)_(?=.)"
)
"""What a pivot table or a dashboard puts before a name: ``Sum of Prompt Tokens``."""
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")
_LETTERS = str.maketrans("łŁøØđĐı", "lLoOdDi")
"""Those with a stroke, which are no accents."""
_TIMES = (
    "timestamp", "created_at", "date", "time", "datetime", "ts", "tstamp", "created", "created_time",
    "creation_time", "start_time", "started_at", "request_time", "requested_at", "logged_at", "sent_at",
    "event_time", "zeitstempel", "zeitpunkt", "datum", "zeit", "erstellt_am",
    "horodatage", "date_et_heure", "date_heure", "cree_le", "marca_de_tiempo", "marca_temporal", "fecha_y_hora",
    "fecha_hora", "fecha", "creado_el",
)  # fmt: skip
_CLOCK_UNITS = ("", "_utc", "_iso", "_unix", "_epoch", "_s", "_ms", "_us", "_ns", "_unix_ms", "_unix_nano", "_epoch_ms")
SYNONYMS: dict[str, tuple[str, ...]] = {
    "messages": (
        "messages", "conversation", "chat_history", "conversation_history", "message_history", "messages_json",
        "input_messages", "request_messages", "prompt_messages", "history", "dialogue", "dialog",
    ),
    "prompt": (
        "prompt", "input", "question", "query", "user", "user_message", "user_prompt", "instruction", "request", "text",
        "content", "message", "prompt_text", "input_text", "user_input", "user_query", "user_question", "full_prompt",
        "rendered_prompt", "request_text", "human", "frage", "eingabe", "benutzereingabe", "nutzereingabe",
        "anfrage", "nachricht", "demande", "entree",
        "requete", "pregunta", "entrada", "consulta", "mensaje",
    ),
    "system": (
        "system", "system_prompt", "system_message", "system_instruction", "system_instructions", "instructions",
        "context", "systemprompt", "systemnachricht", "anweisung", "systemanweisung",
        "prompt_systeme", "message_systeme", "prompt_del_sistema",
        "mensaje_del_sistema",
    ),
    "answer": (
        "response", "output", "answer", "completion", "assistant", "generated_text", "reply", "result", "response_json",
        "response_text", "answer_text", "output_text", "completion_text", "generation", "model_output",
        "model_response", "model_answer", "llm_response", "llm_output", "ai_response", "assistant_message",
        "assistant_response", "bot_response", "prediction", "antwort", "ausgabe", "ergebnis", "reponse", "sortie",
        "resultat", "respuesta", "salida", "resultado",
    ),
    "model": (
        "model", "model_name", "model_id", "llm_model", "deployment_name", "engine", "deployment", "llm", "modele",
        "modell", "modelo", "modellname", "nom_du_modele", "nombre_del_modelo",
    ),
    "time": tuple(f"{word}{unit}" for unit in _CLOCK_UNITS for word in _TIMES),
    "input_tokens": (
        "input_tokens", "prompt_tokens", "tokens_in", "tokens_input", "tokens_prompt", "input_token", "prompt_token",
        "prompt_eval_count", "ptok", "ptoks", "eingabe_tokens", "eingabe_token", "token_eingabe",
        "eingabetokens", "eingabetoken", "tokens_eingabe", "tokens_entree",
        "tokens_d_entree", "token_d_entree", "jetons_entree", "jetons_d_entree", "tokens_entrada", "tokens_de_entrada",
        "token_de_entrada",
    ),
    "output_tokens": (
        "output_tokens", "completion_tokens", "tokens_out", "tokens_output", "tokens_completion", "output_token",
        "completion_token", "eval_count", "ctok", "ctoks", "token_ausgabe",
        "ausgabe_tokens", "ausgabe_token", "ausgabetokens", "ausgabetoken", "tokens_ausgabe",
        "tokens_sortie", "tokens_de_sortie", "token_de_sortie", "jetons_sortie", "jetons_de_sortie", "tokens_salida",
        "tokens_de_salida", "token_de_salida",
    ),
    "cache_read_tokens": (
        "cached_tokens", "cache_read_tokens", "cached_input_tokens", "cached_prompt_tokens", "input_cached_tokens",
        "prompt_cached_tokens", "tokens_cached", "cache_read_input_tokens",
    ),
    "cache_write_tokens": (
        "cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens", "cache_write_input_tokens",
    ),
    "reasoning_tokens": ("reasoning_tokens", "thinking_tokens", "thought_tokens", "tokens_reasoning"),
    "latency": tuple(f"{word}{unit}" for word in _DURATIONS for unit in _TIME_UNITS),
    "ttft": tuple(f"{word}{unit}" for word in _FIRST_TOKENS for unit in _TIME_UNITS),
    "cost": tuple(f"{word}{unit}" for unit in _MONEY_UNITS for word in _COSTS),
    "id": (
        "id", "request_id", "call_id", "log_id", "uid", "uuid", "trace_id", "message_id", "kennung", "anfrage_id",
        "identifiant", "identificador",
    ),
    "session": (
        "session_id", "conversation_id", "thread_id", "chat_id", "session", "conv_id", "dialog_id", "dialogue_id",
        "thread", "sitzung", "sitzungs_id", "gesprach", "gesprachs_id", "id_de_session", "sesion", "id_de_sesion",
        "id_sesion",
    ),
    "use_case": (
        "use_case", "usecase", "feature", "feature_name", "route", "prompt_name", "tag", "tags", "task", "task_type",
        "workflow", "cluster", "version", "category", "kategorie", "anwendungsfall", "categorie", "cas_d_usage",
        "categoria", "caso_de_uso",
    ),
    "target": (
        "expected", "label", "target", "ground_truth", "gold", "reference", "expected_output", "expected_answer",
        "expected_response", "correct_answer", "gold_answer", "reference_answer", "ideal", "ideal_answer", "erwartet",
        "erwartete_antwort", "erwartete_ausgabe", "attendu", "attendue", "reponse_attendue", "sortie_attendue",
        "resultat_attendu", "gt", "groundtruth", "vorgabe", "corrige", "corrige_type", "erwartungshorizont",
        "right_answer", "answer_key", "risposta_attesa",
        "esperado", "esperada", "respuesta_esperada", "salida_esperada", "resultado_esperado",
        "corrected_answer", "corrected_response", "revised_answer", "expert_answer", "human_answer",
        "human_response", "official_answer", "answer_key", "gold_response", "golden_answer", "golden_response",
        "ideal_response", "best_answer", "correct_response", "desired_output", "desired_response", "target_output",
    ),
    "any_of": (
        "expected_any", "expected_any_of", "any_of", "expected_answers", "acceptable_answers", "accepted_answers",
        "correct_answers", "right_answers", "gold_answers", "reference_answers", "ground_truths",
    ),
    "params": ("params", "parameters", "model_parameters"),
    "speaker": (),
}  # fmt: skip
ROLES = tuple(SYNONYMS)
HISTORIES = frozenset({"history", "chat_history", "conversation_history", "message_history"})
"""Names of columns with what was said before the prompt."""


def guess_columns(headers: Iterable[str]) -> dict[str, str]:
    """Role to column by the usual names (case, spaces, accents and units do not matter). A column has one role."""
    spelled = plain_headers(headers)
    found: dict[str, str] = {}
    for role, synonyms in SYNONYMS.items():
        column = next((spelled[name] for name in synonyms if name in spelled), None)
        is_other_money = column is not None and role == "cost" and OTHER_MONEY.search(column)
        if column is not None and column not in found.values() and not is_other_money:
            found[role] = column
    return found


def plain_headers(headers: Iterable[str]) -> dict[str, str]:
    """Plain name (``latency_ms``) to the header as it is written; the first of several that come to the same."""
    spelled: dict[str, str] = {}
    for header in headers:
        spelled.setdefault(_plain(header), header)
    return spelled


def choose_columns(path: Path, headers: tuple[str, ...], chosen: dict[str, str]) -> dict[str, str]:
    """The guess with a person's choices over it; raises BadInput for an unknown role or column."""
    for role, column in chosen.items():
        if role not in ROLES:
            raise BadInput(f"{role!r} isn't a column type. Use one of: {', '.join(ROLES)}.")
        if column not in headers and column.partition(".")[0] not in headers:
            raise BadInput(f"{path.name} has no column {column!r}. Its columns are: {quoted_names(headers)}.")
    guess = {role: column for role, column in guess_columns(headers).items() if column not in chosen.values()}
    return guess | chosen


def pick(record: dict[str, Json], column: str) -> Json:
    """The value of a column; a dotted name reaches into objects, lists (``0``) and JSON cells, if no column has it."""
    if column in record or "." not in column:
        return record.get(column)
    value: Json = record
    for key in column.split("."):
        is_first = key == "0" and isinstance(value, list)
        value = next(iter(value), None) if is_first else at(object_in(value) if isinstance(value, str) else value, key)
    return value


@lru_cache(maxsize=4096)
def _plain(header: str) -> str:
    bare = without_accents(_BRACKETS.sub("", header))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare.strip())
    return _PIVOTED.sub("", re.sub(r"[\W_]+", "_", snake).strip("_").lower())


def without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
