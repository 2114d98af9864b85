"""Finds what only a word before it makes personal: numbers of passports and patients, dates of birth, homes."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from advisor.ingest.redaction.spans import Span, any_of, names_a_thing

_GAP = (
    r"(?:(?:[^\n\d.;!?]|(?<=[Nn]o|[Nn]r)\.)(?!(?i:order|invoice|ticket|issued|valid|expire|costs?|fee)\b)){0,40}?"
    r"(?<![A-Za-z0-9])"
)
_NUMBER = (
    r"(?P<value>(?:[A-Z]{1,6}[ \-]?)?\d[A-Za-z0-9]*"
    r"(?:[ .\-/](?=[A-Z0-9]*\d)[A-Z0-9]{1,6}(?![A-Za-z0-9]))*(?:[ \-][A-Z](?![A-Za-z0-9]))?"
    r"|[A-Z][A-Z0-9]{4,17})(?![A-Za-z0-9])"
)
_SOCIAL_NUMBER = r"(?P<value>\d{3}[\-. ]?\d{2}[\-. ]?\d{4}|\d{3}[\-. ]\d{3}[\-. ]\d{3})(?!\d)"
_PLATE = (
    r"(?P<value>[A-HJ-NPR-Z0-9]{17}|[A-ZÄÖÜ]{1,3}[ \-][A-Z]{1,2}[ \-]?\d{1,4}|[A-Z]{2}[ \-]?\d{2,3}[ \-]?[A-Z]{2,3}"
    r"|\d{4} ?[A-Z]{3}|\d[A-Z]{3}\d{3}|[A-Z]{3}[ \-]?\d{3,4})(?![A-Za-z0-9])"
)
_MONTH = (
    r"(?i:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|fév|fev|avr|jui|aoû|aou|déc"
    r"|gen"
    r"|mag|giu|lug|set|ott)[a-zéûäç]{0,7}\.?"
)
_DATE = (
    r"(?P<value>\d{4}[\-/.]\d\d?[\-/.]\d\d?|\d\d?[\-/. ]\s?\d\d?[\-/. ]\s?(?:\d{4}|\d\d)(?!\d)"
    rf"|\d\d?(?:st|nd|rd|th|er|\.)?(?: de| of)? {_MONTH}(?: de| of)?,? \d{{4}}"
    rf"|{_MONTH} \d\d?(?:st|nd|rd|th)?,? \d{{4}})"
)
_DATE_GAP = (
    r"[^\w\n]{0,6}(?:(?:is|was|ist|est|es|è|on|am|le|el|the)\b[^\w\n]{0,3}){0,2}"
    r"(?:(?:of|for|von) [^\d\n.;:]{0,30}(?:is|ist|:)\s)?"
)
_HOME_GAP = r"[^\w\n]{0,6}(?:[^\d\n.;]{0,30}?[\s:\"'])??\n?"
_STREET = (
    r"(?i:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|pl|terrace|ter|circle|cir"
    r"|square|sq|highway|hwy|parkway|pkwy|close|crescent|gardens|trail|loop|row|walk|alley|plaza|mews|grove|hill|view"
    r"|ridge|path|pike|run)\b\.?"
)
_STREET_NAME = r"[A-ZÀ-Þ0-9][\w'’.\-]*"
_FLAT = r"(?:,? (?i:apt|apartment|suite|ste|unit|flat|floor|#)\.? ?#?\w{1,5})?"
_TOWN = (
    r"(?:,?\s{1,2}(?:[A-ZÀ-Þ](?:[^\W\d_]|['’.\-])*,? ?){1,4}"
    r"(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2})?(?!\w)"
    r"|,?\s{1,2}(?:[A-Z]{1,2}-)?\d{4,5}(?: [A-Z]{2})? [A-ZÀ-Þ][\w\-]*(?: [A-ZÀ-Þ][\w\-]*)?)?"
)
_NUMBER_FIRST = rf"\d{{1,6}}[A-Za-z]?(?:-\d+)?,? (?:{_STREET_NAME} ){{1,4}}{_STREET}"
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
    rf"\d(?<![\w.]\d)\d{{0,5}} (?:{_STREET_NAME} ){{1,4}}{_STREET}{_FLAT},\s?(?:[A-Z][\w.\-]* ?){{1,3}},?\s[A-Z]{{2}},?"
    r" \d{5}(?:-\d{4})?(?!\d)"
)
"""An address of the United States with street, town, state and ZIP code, which needs no such word."""


class _Labelled(NamedTuple):
    """Words in lower case, each from four letters or the whole of its opening one on, and the value behind them."""

    label: str
    heads: frozenset[str]
    words: re.Pattern[str]
    value: re.Pattern[str]
    digits: int


def _row(label: str, words: str, value: str = _NUMBER, *, gap: str = _GAP, digits: int = 5) -> _Labelled:
    phrases = words.split(" | ")
    heads = frozenset(found.group() for phrase in phrases if (found := re.match(r"[^\W\d_]{1,4}", phrase)))
    return _Labelled(label, heads, re.compile("|".join(phrases)), re.compile(gap + value), digits)


_PASSPORT = r"passport | pasaporte | reisepass | passeport | passaporto | paspoort | paszport\w*"
_ROWS = (
    _row("SSN", r"ssn | social[ _\-]?security | social insurance", _SOCIAL_NUMBER),
    _row(
        "ID",
        r"national[ _\-]?(?:id\b|identi|insurance)\w* | personalausweis\w* | ausweis\w* "
        r"| identity[ _\-]?(?:card|doc|num)\w*"
        r" | id[ _\-]card | carte d'identité | carta d'identità | documento de identidad | steuer[ \-]?(?:id"
        r"|identif)\w*"
        r" | steuernummer | idnr | nhs\b | aadhaa?r | pesel | bsn\b | burgerservice\w* | cpf\b | dni\b | nif\b | nie\b"
        r" | sécurité sociale | securite sociale | insee\b | codice fiscale | personnummer | personal identity | mrn\b"
        r" | medical[ _\-]?record | medicare | medicaid | patient[ _\-]?(?:id\b|no\b|number|file)"
        r" | insurance[ _\-]?(?:id\b|no\b|number|card|member) | krankenversicher\w* | versicherten\w* "
        r"| versicherungsn\w*"
        r" | sozialversicherung\w* | rentenversicherung\w* | tax[ _\-]?(?:id\b|file|payer|identification)\w* "
        r"| taxpayer\w*"
        r" | tfn\b | nric\b | fin number | curp\b | tin\b | itin\b | cédula | cedula | ahv\b | hetu\b | npi\b"
        r" | pan[ _\-]?(?:card|no\b|number) | rijksregister\w* | fødselsnummer | cpr\b | nino\b | ni number"
        r" | seguridad social | nss\b | mbi\b | member id | sin\b",
    ),
    _row("PASSPORT", _PASSPORT),
    _row("PASSPORT", _PASSPORT, r"(?P<value>(?=[A-Z]*\d)[A-Z0-9]{8,9})(?![A-Za-z0-9])", digits=1),
    _row(
        "LICENCE",
        r"driv(?:er|ers|er's|ers'|er’s|ing)[ _\-]?licen[cs]e | drivers?licen[cs]e | licen[cs]e (?:no\b|number)"
        r" | dl ?(?:no\b|number|#) | führerschein\w* | fuehrerschein\w* | permis de conduire | carnet de conducir"
        r" | permiso de conducir | licencia de conducir | patente(?: di guida)?",
    ),
    _row(
        "ACCOUNT",
        r"bank[ _\-](?:account|acct) | checking[ _\-]account | savings[ _\-]account | current account"
        r" | account[ _\-]?(?:no\b|number|#) | acct\b\.? | konto(?:nummer|nr\.?|-?nr\.?)?\b | routing | sort[ _\-]?code"
        r" | compte bancaire | numéro de compte | cuenta bancaria | número de cuenta | clabe | bsb\b | blz\b",
        digits=6,
    ),
    _row(
        "VEHICLE",
        r"vin\b(?: (?:number|no\b|is|:|code))? | license[ _\-]?plate | licence[ _\-]?plate | number[ _\-]?plate"
        r" | registration[ _\-]?plate | plate (?:number|no\b) | kennzeichen | immatriculation | matrícula",
        _PLATE,
        digits=2,
    ),
    _row(
        "BIRTH_DATE",
        r"date[ _\-]?of[ _\-]?birth | birth[ _\-]?da(?:te|y) | dob\b | born(?: on)? | geburts(?:datum|tag)"
        r" | geboren(?: am)? | geb\. | date de naissance | né le | née le | né\(e\) le | fecha de nacimiento "
        r"| nacid[oa] el"
        r" | data di nascita | nato il | nata il",
        _DATE,
        gap=_DATE_GAP,
        digits=3,
    ),
    _row(
        "ADDRESS",
        r"address | adresse | anschrift | dirección | direccion | indirizzo | domicil\w* | lives (?:at|in|on)"
        r" | live (?:at|in|on) | living (?:at|in|on) | ship(?: it| them)? to | shipped(?: it| them)? to | shipping to"
        r" | deliver(?:ed|y)?(?: it| them)? to | resid(?:es|ing|ence)(?: at)? | wohn(?:haft|e|t)?(?: in)?"
        r" | habite(?: au)? | vive en | moved to | street | home is",
        HOME,
        gap=_HOME_GAP,
        digits=1,
    ),
)
_BY_HEAD = {head: tuple(row for row in _ROWS if head in row.heads) for every in _ROWS for head in every.heads}
_HEAD = re.compile(r"\b" + any_of(_BY_HEAD))
_ABBREVIATIONS = frozenset(("tin", "itin", "nie", "cpr", "sin", "vin", "npi", "ahv", "blz"))
_MERE_DATE = re.compile(r"(?:19|20)\d\d[\-/.]\d\d?[\-/.]\d\d?|\d\d?[\-/.]\d\d?[\-/.](?:19|20)\d\d")


def find_labelled(text: str, lower: str) -> Iterator[Span]:
    """Personal numbers, dates and addresses behind a telling word; ``lower`` is the text in lower case."""
    for head in _HEAD.finditer(lower.replace("_", " ")):  # a word begins behind a low line, too
        start = head.start()
        for row in _BY_HEAD[head.group()]:
            word = row.words.match(lower, start)
            if word is None or _is_common_word(text, word):
                continue
            match = row.value.match(text, word.end())
            if match is None:
                continue
            value = match["value"]
            if sum(map(str.isdigit, value)) >= row.digits and not _is_other(text, word, match, row.label):
                yield Span(*match.span("value"), row.label)


def find_full_addresses(text: str) -> Iterator[Span]:
    """Addresses that need no telling word."""
    return (Span(*match.span(), "ADDRESS") for match in FULL_ADDRESS.finditer(text))


def _is_common_word(text: str, word: re.Match[str]) -> bool:
    """Whether an abbreviation such as TIN is a word of the language here."""
    return (
        word.group() in _ABBREVIATIONS
        and not text[word.start() : word.end()].isupper()
        and not re.match(r"[\"']?\s?[:=#]", text[word.end() : word.end() + 3])
    )


def _is_other(text: str, word: re.Match[str], match: re.Match[str], label: str) -> bool:
    if label == "BIRTH_DATE":  # whoever was born on 14 March 1879 is a matter of general knowledge
        return word.group().startswith("born") and not re.fullmatch(r"[\d\-/. ]+", match["value"])
    if label in ("ADDRESS", "VEHICLE"):
        return False
    return bool(_MERE_DATE.fullmatch(match["value"])) or names_a_thing(text, match.start("value"))
