"""Version 8: where a price comes from is stored in codes; a text that can't be read becomes the note of its code."""

import json
import re

from sqlalchemy import ColumnClause, Connection, column, select, table, update

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
