"""Finds national numbers of persons that show by their form and checksum what they are."""

import re
from collections.abc import Iterator
from datetime import date

from advisor.ingest.redaction.checksum import is_valid
from advisor.ingest.redaction.span import Span, names_a_thing

_FORMS = {
    "ssn": r"(?!000|666)\d{3}(?P<dash>[\-\u2011\u2013])(?!00)\d{2}(?P=dash)(?!0000)\d{4}",
    "EsNifRecognizer": r"(?:\d{8}|\d{2}\.\d{3}\.\d{3})-?[A-HJ-NP-TV-Z]",
    "EsNieRecognizer": r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]",
    "ItFiscalCodeRecognizer": (r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]"),
    "french": r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3}(?: ?| ?[/\-|] ?)\d\d",
    "InAadhaarRecognizer": r"[2-9]\d{3}(?P<gap>[ \-])\d{4}(?P=gap)\d{4}",
    "pan": r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]",
    "singapore": r"[STFGM]\d{7}[A-Z]",
    "british": r"(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]",
    "FiPersonalIdentityCodeRecognizer": (
        r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d[\-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]"
    ),
    "SePersonnummerRecognizer": (r"(?:(?:19|20)\d\d|\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[1-3]\d|[6-8]\d|9[01])[\-+]\d{4}"),
    "brazilian": r"\d{3}\.\d{3}\.\d{3}-\d{2}",
    "chinese": r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9X]",
    "mexican": (
        r"[A-Z][AEIOUX][A-Z]{2}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z0-9]\d"
    ),
    "swiss": r"756\.?\d{4}\.?\d{4}\.?\d{2}",
    "belgian": r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d",
    "korean": r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[1-8]\d{6}",
}
"""How a number looks, under the name of presidio's class or our own function that checks it, if it can be checked."""
_START = re.compile(r"[0-9A-Z](?<![A-Za-z0-9_.\-].)(?=[0-9A-Z \-])")
_ANY_FORM = re.compile(
    r"(?<![A-Za-z0-9_.\-])(?:"
    + "|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items())
    + r")(?![A-Za-z0-9_]|[.\-]\d)"
)


def find_identities(text: str) -> Iterator[Span]:
    """National numbers and US social security numbers, where no word says that the number is that of a thing."""
    for start in _START.finditer(text):
        match = _ANY_FORM.match(text, start.start())
        if match is None:
            continue
        name = next(name for name in _FORMS if match[name])
        if _passes(name, match.group()) and not names_a_thing(text, match.start()):
            yield Span(match.start(), match.end(), "SSN" if name == "ssn" else "ID")


def _passes(name: str, found: str) -> bool:
    if name.endswith("Recognizer"):
        return is_valid(name, found.upper())
    check = _CHECKS.get(name)
    return check is None or check(re.sub(r"[\s.\-/|]", "", found))


def _french(number: str) -> bool:
    """Key of the numéro de sécurité sociale: 97 minus the first 13 digits modulo 97, Corsica's letters replaced."""
    body = number[:13].replace("2A", "19").replace("2B", "18")
    return int(number[13:]) == 97 - int(body) % 97


def _singapore(number: str) -> bool:
    """Check letter of NRIC and FIN."""
    total = sum(int(digit) * weight for digit, weight in zip(number[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}[
        number[0]
    ]
    return letters[total % 11] == number[8]


def _brazilian(number: str) -> bool:
    """Both check digits of the CPF."""
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(number[:length]))
        if total * 10 % 11 % 10 != int(number[length]):
            return False
    return len(set(number)) > 1


def _chinese(number: str) -> bool:
    """ISO 7064 MOD 11-2 of the resident number."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]


def _swiss(number: str) -> bool:
    """The check digit of EAN-13, which the AHV number uses."""
    total = sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(number[:12]))
    return -total % 10 == int(number[12])


def _belgian(number: str) -> bool:
    """97 minus the first nine digits modulo 97, with a 2 before them for the born since 2000."""
    try:
        date(2000, int(number[2:4]) or 1, int(number[4:6]) or 1)
    except ValueError:
        return False
    return any(97 - int(century + number[:9]) % 97 == int(number[9:]) for century in ("", "2"))


_CHECKS = {
    "french": _french,
    "singapore": _singapore,
    "brazilian": _brazilian,
    "chinese": _chinese,
    "swiss": _swiss,
    "belgian": _belgian,
}
