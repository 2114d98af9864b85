"""Which column of a table means what: synonyms, and a person's own choice over them."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from advisor.errors import BadInput
from advisor.types import Json

_DURATIONS = (
    "latency", "duration", "response_time", "elapsed", "dauer", "antwortzeit", "latenz", "duree", "latence",
    "temps_de_reponse", "duracion", "latencia", "tiempo_de_respuesta",
)  # fmt: skip
SYNONYMS: dict[str, tuple[str, ...]] = {
    "messages": ("messages", "conversation", "chat_history"),
    "prompt": (
        "prompt", "input", "question", "query", "user", "user_message", "user_prompt", "instruction", "request", "text",
        "content", "message", "frage", "eingabe", "anfrage", "nachricht", "demande", "entree", "requete", "pregunta",
        "entrada", "consulta", "mensaje",
    ),
    "system": (
        "system", "system_prompt", "system_message", "instructions", "context", "systemprompt", "systemnachricht",
        "prompt_systeme", "message_systeme", "prompt_del_sistema", "mensaje_del_sistema",
    ),
    "answer": (
        "response", "output", "answer", "completion", "assistant", "generated_text", "reply", "result", "response_json",
        "response_text", "antwort", "ausgabe", "ergebnis", "reponse", "sortie", "resultat", "respuesta", "salida",
        "resultado",
    ),
    "model": (
        "model", "model_name", "engine", "deployment", "llm", "modele", "modell", "modelo", "modellname",
        "nom_du_modele", "nombre_del_modelo",
    ),
    "time": (
        "timestamp", "created_at", "date", "time", "datetime", "ts", "created", "zeitstempel", "zeitpunkt",
        "datum", "zeit", "erstellt_am", "horodatage", "date_et_heure", "date_heure", "cree_le", "marca_de_tiempo",
        "marca_temporal", "fecha_y_hora", "fecha_hora", "fecha", "creado_el",
    ),
    "input_tokens": (
        "input_tokens", "prompt_tokens", "tokens_in", "tokens_input", "tokens_prompt", "input_token", "prompt_token",
        "eingabe_tokens", "eingabe_token", "eingabetokens", "eingabetoken", "tokens_eingabe", "tokens_entree",
        "tokens_d_entree", "token_d_entree", "jetons_entree", "jetons_d_entree", "tokens_entrada",
        "tokens_de_entrada", "token_de_entrada",
    ),
    "output_tokens": (
        "output_tokens", "completion_tokens", "tokens_out", "tokens_output", "tokens_completion", "output_token",
        "completion_token", "ausgabe_tokens", "ausgabe_token", "ausgabetokens", "ausgabetoken", "tokens_ausgabe",
        "tokens_sortie", "tokens_de_sortie", "token_de_sortie", "jetons_sortie", "jetons_de_sortie", "tokens_salida",
        "tokens_de_salida", "token_de_salida",
    ),
    "latency": tuple(f"{word}{unit}" for word in _DURATIONS for unit in ("", "_ms", "_s", "_seconds")),
    "cost": (
        "cost", "cost_usd", "total_cost", "price", "spend", "cout", "prix", "kosten", "preis", "coste", "costo",
        "precio",
    ),
    "id": ("id", "request_id", "trace_id", "uid", "kennung", "anfrage_id", "identifiant", "identificador"),
    "session": (
        "session_id", "conversation_id", "thread_id", "chat_id", "session", "sitzung", "sitzungs_id",
        "gesprach", "gesprachs_id", "id_de_session", "sesion", "id_de_sesion", "id_sesion",
    ),
    "use_case": (
        "use_case", "feature", "route", "prompt_name", "tag", "tags", "version", "category", "kategorie",
        "anwendungsfall", "categorie", "cas_d_usage", "categoria", "caso_de_uso",
    ),
    "target": (
        "expected", "label", "target", "ground_truth", "gold", "reference", "expected_output", "erwartet",
        "erwartete_antwort", "erwartete_ausgabe", "attendu", "attendue", "reponse_attendue", "sortie_attendue",
        "resultat_attendu", "esperado", "esperada", "respuesta_esperada", "salida_esperada", "resultado_esperado",
    ),
    "params": ("params", "parameters", "model_parameters"),
}  # fmt: skip
ROLES = tuple(SYNONYMS)


def guess_columns(headers: Iterable[str]) -> dict[str, str]:
    """Role to column by the usual names (case, spaces, accents and units do not matter). A column has one role."""
    spelled: dict[str, str] = {}
    for header in headers:
        spelled.setdefault(_plain(header), header)
    found: dict[str, str] = {}
    for role, synonyms in SYNONYMS.items():
        column = next((spelled[name] for name in synonyms if name in spelled), None)
        if column is not None and column not in found.values():
            found[role] = column
    return found


def choose_columns(path: Path, headers: tuple[str, ...], chosen: dict[str, str]) -> dict[str, str]:
    """The guess with a person's choices over it; raises BadInput for an unknown role or column."""
    for role, column in chosen.items():
        if role not in ROLES:
            raise BadInput(f"{role!r} is not something a column can mean. Use one of: {', '.join(ROLES)}.")
        if column not in headers and column.partition(".")[0] not in headers:
            raise BadInput(f"{path.name} has no column {column!r}. Its columns are: {', '.join(headers) or 'none'}.")
    guess = {role: column for role, column in guess_columns(headers).items() if column not in chosen.values()}
    return guess | chosen


def pick(record: dict[str, Json], column: str) -> Json:
    """The value of a column; a dotted name reaches into nested objects where no column has that name."""
    if column in record or "." not in column:
        return record.get(column)
    value: Json = record
    for key in column.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def unit_of(column: str) -> str | None:
    """The unit of time that a column's name tells: ``s``, ``ms`` or None."""
    words = set(re.split(r"[^a-z]+", _without_accents(column).lower()))
    if words & {"ms", "milliseconds", "millis", "millisekunden", "millisecondes", "milisegundos"}:
        return "ms"
    return "s" if words & {"s", "sec", "secs", "seconds", "sek", "sekunden", "secondes", "seg", "segundos"} else None


def _plain(header: str) -> str:
    bare = _without_accents(re.sub(r"\(.*?\)", "", header))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare.strip())
    return re.sub(r"[\W_]+", "_", snake).strip("_").lower()


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
