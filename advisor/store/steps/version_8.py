"""Version 8: what was stored in words is stored in codes.

Decisions are derived from what else is stored and worded when they are shown: they are made again when shown.
"""

import json
import re
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnClause, Connection, column, select, table, text, update

JOB = (
    "ALTER TABLE job DROP COLUMN progress",
    "ALTER TABLE job ADD COLUMN phase VARCHAR(32)",
    "ALTER TABLE job ADD COLUMN subject VARCHAR",
    "ALTER TABLE job ADD COLUMN done BIGINT",
    "ALTER TABLE job ADD COLUMN total BIGINT",
)
"""How far a job is becomes numbers; the words of jobs that have ended are shown nowhere."""
_SOURCE = re.compile(
    r"(?P<list>"
    r"(?P<log>as logged)|(?P<contract>price given for this study)|(?P<builtin>runs on this machine)"
    r"|genai-prices (?P<genai_prices>\S+|of \S+ \(\w+\))"
    r"|litellm (?P<litellm>\S+) price list|litellm price list (?P<litellm_copy>of \S+ \(\w+\))"
    r"|own price list, checked (?P<override>\S+) \((?P<note>.+?)\)"
    r"|model-prices (?P<model_prices>\S+ \(of \S+\))"
    r")(, (?P<tier>(?!us\b)[a-z_]+))?( \(current price\))?(, (?P<geography>us))?"
    r"(?P<cache_1h>, with a cache kept an hour)?(?P<text_only>, without what is billed beside text)?"
)
_VERSIONED = ("genai_prices", "litellm", "litellm_copy", "override", "model_prices")


def lift(connection: Connection) -> None:
    """From version 7 to 8."""
    connection.execute(text("DELETE FROM recommendation"))
    for statement in JOB:
        connection.execute(text(statement))
    lift_prices(connection)
    lift_load_tests(connection)
    lift_scores(connection)


def lift_prices(connection: Connection) -> None:
    """Where a price comes from; a text that can't be read becomes the note of its code."""
    for name in ("sample", "generation"):
        source: ColumnClause[str] = column("price_source")
        priced = table(name, source)
        stored = connection.scalars(select(source).select_from(priced).where(source.is_not(None)).distinct())
        for words in list(stored):
            connection.execute(update(priced).where(source == words).values(price_source=code_of(words)))


def code_of(words: str) -> str:
    """The code of a source that was stored in words."""
    found = _SOURCE.fullmatch(words)
    if found is None:
        return _json({"origin": "other", "note": words})
    version = next((name for name in _VERSIONED if found[name]), None)
    origin = version or next(name for name in ("log", "contract", "builtin") if found[name])
    fields = {"origin": origin.removesuffix("_copy"), "version": found[version] if version else None}
    fields |= {name: found[name] for name in ("tier", "geography", "note")}
    fields |= {name: bool(found[name]) for name in ("cache_1h", "text_only")}
    return _json({name: value for name, value in fields.items() if value})


def _json(fields: dict[str, object]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def lift_load_tests(connection: Connection) -> None:
    """Why a load test ended becomes the code ``other`` with its text."""
    tests = table("load_test", column("id"), column("ended_because"))
    ended = select(tests.c.id, tests.c.ended_because).where(tests.c.ended_because.is_not(None))
    for id_, words in connection.execute(ended).all():
        message = json.dumps({"code": "other", "values": {"error": words}})
        connection.execute(update(tests).where(tests.c.id == id_).values(ended_because=message))


BATCH = 2000
Stored = list[Any]
"""A code, its details, and how many more there are."""

SHORT = r"""('.*?'|".*?")"""
NAME = r"([^;:,]+)"
SLOW = r"(?:the pattern )?" + SHORT + r" took longer than ([\d.]+) s "
COUNTS = r"(\d+) calls \((.*)\), not (\d+) \((.*)\)"
WORDINGS = (
    ("no_answer", r"There is no answer to (?:check|compare)\."),
    ("nothing_to_check", r"Nothing to check: .*"),
    ("check_suspended", rf"(?:not checked: )?{SLOW}on (\d+) answers; make the pattern simpler"),
    ("schema_unusable", r"not checked: the schema cannot be used: (.*)"),
    ("scorer_failed", r"not checked: ([A-Z]\w*)"),
    ("not_checked", r"not checked: (.*)"),
    ("fenced", r"not JSON as it stands: it is inside a code fence"),
    ("not_json", r"not JSON as it stands \((.*)\)"),
    ("not_json", r"not JSON(?:: (.*))?"),
    ("empty_not_json", r"empty, JSON was asked for|it is empty, not JSON"),
    ("not_an_object", r"JSON, but not an object"),
    ("not_a_label", r"not one of the (\d+) labels"),
    ("no_call", r"no tool was called, (.+) is right"),
    ("call_required", r"no tool was called, but (?:one|'(.*)') had to be"),
    ("counts", COUNTS),
    ("no_call_right", r"called (.+), but no call is right"),
    ("call_forbidden", r"a tool was called though none may be"),
    ("wrong_tool", rf"called {NAME}, not {NAME}"),
    ("no_such_tool", r"there is no tool '(.*)'"),
    ("arguments_not_object", r"the arguments of '?(.+?)'? are not a JSON object"),
    ("arguments_invalid", r"arguments of '([^']*)': (.*)"),
    ("fields_differ", r"different: (.+)"),
    ("fields_wrong", r"wrong: (.+)"),
    ("fields_missing", r"missing: (.+)"),
    ("fields_extra", r"not asked for: (.+)"),
    ("argument_missing", r"([\w.-]+): (.*) is missing"),
    ("argument_unknown", r"([\w.-]+): there is no argument (.*)"),
    ("argument_differs", r"([\w.-]+): (.*) differs"),
    ("empty", r"the answer is empty"),
    ("no_text", r"the answer has no text"),
    ("not_exact", rf"{SHORT} is not exactly {SHORT}"),
    ("differs", rf"{SHORT} is not (.+)"),
    ("number_differs", r"(-?[\d.e+]+|nan|-?inf) is not (-?[\d.e+-]+)(?: within (\S+) %)?"),
    ("no_number", rf"{SHORT} gives no number, or several"),
    ("target_no_number", rf"the right answer {SHORT} gives no number"),
    ("target_no_label", rf"the right answer {SHORT} is no label"),
    ("target_no_fields", rf"the right answer {SHORT} has no fields"),
    ("too_deep", r"nested too deeply to be compared|The right answer is nested too deeply to be compared\."),
    ("in_fence", r"the JSON stood inside a code fence"),
    ("closest", r"closest of (\d+) right answers"),
    ("check_unusable", r"the check cannot be used: (.*)"),
    ("check_too_slow", rf"{SLOW}to try; make the pattern simpler"),
    ("lacks", rf"it does not contain {SHORT}"),
    ("lacks_any", r"it contains none of (.+)"),
    ("contains", rf"it contains {SHORT}"),
    ("pattern_not_found", rf"the pattern {SHORT} is not found"),
    ("too_many_words", r"([\d,]+) words, more than ([\d,]+)"),
    ("too_few_words", r"([\d,]+) words, fewer than ([\d,]+)"),
    ("too_many_characters", r"([\d,]+) characters, more than ([\d,]+)"),
    ("no_result", rf"{SHORT} has no result: (.*)"),
    ("does_not_hold", rf"{SHORT} does not hold"),
    ("personal_data", r"It holds (.+)\."),
    ("unsupported", r"Not supported by the prompt: (.+)"),
    ("orders_disagree", r"The orders disagree: (\w+) with the candidate (\w+) and (\w+) with the candidate \w+\."),
    ("unreadable", r"unreadable verdict"),
    ("schema_violated", r"(\$[^ ]*: .*)"),
)
"""Code and wording; the first that fits is taken."""
PATTERNS = [(code, re.compile(wording, re.DOTALL)) for code, wording in WORDINGS]
LISTED = ("fields_differ", "fields_wrong", "fields_missing", "fields_extra", "lacks_any", "personal_data")
NOTHING = re.compile(r"\d+ claims, all supported\.|Answered\.|Partly refused\.|Refused\.")
STATEMENTS = (
    "ALTER TABLE score RENAME COLUMN explanation TO reason",
    "ALTER TABLE score ADD COLUMN code VARCHAR",
    "ALTER TABLE score ADD COLUMN details JSON",
    "UPDATE judgement SET reason = '' WHERE reason = 'unreadable verdict' AND NOT parsed",
)


def lift_scores(connection: Connection) -> None:
    """From explanations to codes, in scores and in what each run says about them."""
    for statement in STATEMENTS:
        connection.execute(text(statement))
    change = text("UPDATE score SET code = :code, details = :details, reason = :reason WHERE id = :id")
    some = text("SELECT id, scorer, reason FROM score WHERE reason <> '' AND id > :after ORDER BY id LIMIT :batch")
    after = 0
    while rows := connection.execute(some, {"after": after, "batch": BATCH}).all():
        connection.execute(change, [{"id": id_, **columns_of(scorer, words)} for id_, scorer, words in rows])
        after = rows[-1][0]
    _lift_runs(connection)


def columns_of(scorer: str, words: str) -> dict[str, str | None]:
    """The columns of a score that was explained so."""
    found = findings_of(words)
    if scorer == "pairwise" and (not found or found[0][0] not in ("orders_disagree", "unreadable")):
        return {"code": None, "details": None, "reason": words}
    return {"code": found[0][0] if found else None, "details": json.dumps(found) if found else None, "reason": ""}


def _lift_runs(connection: Connection) -> None:
    """What could not be checked is told by each run."""
    runs = connection.execute(text("SELECT id, scored_with FROM run WHERE scored_with IS NOT NULL")).all()
    for id_, stored in runs:
        with_what = json.loads(stored) if isinstance(stored, str) else stored
        if isinstance(with_what, dict) and with_what.get("unchecked"):
            with_what["unchecked"] = [
                [*facts, findings_of(f"not checked: {reason}")] for *facts, reason in with_what["unchecked"]
            ]
            values = {"id": id_, "scored_with": json.dumps(with_what)}
            connection.execute(text("UPDATE run SET scored_with = :scored_with WHERE id = :id"), values)


@lru_cache(maxsize=4096)
def findings_of(words: str) -> list[Stored]:
    """The findings in an explanation; the whole of it as ``other`` where a part is not understood."""
    if not words or NOTHING.fullmatch(words):
        return []
    return _read(words.split("; ")) or [["other", [words], 0]]


def _read(parts: list[str]) -> list[Stored] | None:
    """Findings of all parts; one that has a separator in it is of several."""
    if not parts:
        return []
    for end in islice(range(1, len(parts) + 1), 8):
        found = _single("; ".join(parts[:end]))
        if found is not None and (rest := _read(parts[end:])) is not None:
            return [found, *rest]
    return None


def _single(words: str) -> Stored | None:
    for code, pattern in PATTERNS:
        if match := pattern.fullmatch(words):
            return _stored(code, [part for part in match.groups() if part is not None])
    return None


def _stored(code: str, details: list[str]) -> Stored:
    more = 0
    if code in LISTED:
        if found := re.fullmatch(r"(.*) and (\d+) more", details[0], re.DOTALL):
            details, more = [found[1]], int(found[2])
        details = details[0].split(", ")
    if code == "unsupported":
        details = details[0].split("; ")
    elif code == "personal_data":
        details = [detail.replace(" ", "_") for detail in details]
    elif code == "lacks_any":
        code = "lacks"
    elif code == "counts":
        code = "too_many_calls" if int(details[0]) > int(details[2]) else "too_few_calls"
    elif code == "orders_disagree":
        one, place, other = details
        details = [one, other] if place == "first" else [other, one]
    return [code, details, more]
