"""How postal addresses of several countries are written."""

import re

_STREET = (
    r"(?i:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|pl|terrace|ter|circle|cir"
    r"|square|sq|highway|hwy|parkway|pkwy|close|crescent|gardens|trail|loop|row|walk|alley|plaza|mews|grove|hill|view"
    r"|ridge|path|pike|run)\b\.?"
)
_NAME = r"[A-ZÀ-Þ0-9][\w'’.\-]*"
_FLAT = r"(?:,? (?i:apt|apartment|suite|ste|unit|flat|floor|#)\.? ?#?\w{1,5})?"
_TOWN = (
    r"(?:,?\s{1,2}(?:[A-ZÀ-Þ](?:[^\W\d_]|['’.\-])*,? ?){1,4}"
    r"(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2})?(?!\w)"
    r"|,?\s{1,2}(?:[A-Z]{1,2}-)?\d{4,5}(?: [A-Z]{2})? [A-ZÀ-Þ][\w\-]*(?: [A-ZÀ-Þ][\w\-]*)?)?"
)
_NUMBER_FIRST = rf"\d{{1,6}}[A-Za-z]?(?:-\d+)?,? (?:{_NAME} ){{1,4}}{_STREET}"
_ROMANCE_NUMBER_FIRST = (
    r"\d{1,4}(?: ?(?:bis|ter))?,? (?i:rue|avenue|boulevard|bd|place|chemin|allée|impasse|quai|route|via|viale|piazza"
    r"|calle)"
    r" [^\n,;]{2,40}"
)
_ROMANCE = (
    r"(?i:calle|c/|avenida|avda\.?|plaza|paseo|via|viale|piazza|corso|rua|rue|ul\."
    r"|al\.) [^\n,;\d]{2,40}?,? ?(?:n[º°]? ?)?"
    r"\d{1,4}(?:/\d{1,4})?[a-z]?"
)
_GERMANIC = (
    r"[A-ZÀ-Þ][\w\-.]*(?: [A-ZÀ-Þ][\w\-.]*)*? ?(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|[Ww]eg|[Pp]latz|[Gg]asse|[Aa]llee|[Rr]ing"
    r"|[Dd]amm|[Uu]fer|straat|laan|gatan|vej) ?\d{1,4} ?[a-z]?(?![a-z])"
)
_POSTCODED = (
    r"(?:\d|[A-ZÀ-Þ])[^\n;@:]{5,80}?,[^\n;@:]{1,40}?(?<![\w.])(?:\d{4,6}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
    r"|\d{4} ?[A-Z]{2}"
    r"|\d\d-\d{3}|\d{5}-\d{3,4}|\d{8})(?![\w.])(?:,? [A-ZÀ-Þ][\w\-]*){0,3}"
)
HOME = (
    rf"(?P<value>(?:{_NUMBER_FIRST}|{_ROMANCE_NUMBER_FIRST}|{_ROMANCE}|{_GERMANIC}|P\.? ?O\.? Box \d+){_FLAT}{_TOWN}"
    rf"|{_POSTCODED})"
)
"""An address behind a word that says so, with the named group ``value``."""
FULL_ADDRESS = re.compile(
    rf"\d(?<![\w.]\d)\d{{0,5}} (?:{_NAME} ){{1,4}}{_STREET}{_FLAT},\s?(?:[A-Z][\w.\-]* ?){{1,3}},?\s[A-Z]{{2}},?"
    r" \d{5}(?:-\d{4})?(?!\d)"
)
"""An address of the United States with street, town, state and ZIP code, which needs no such word."""
