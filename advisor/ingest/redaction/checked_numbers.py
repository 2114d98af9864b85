"""Finds numbers that a checksum tells: cards, accounts (IBAN), wallets of crypto-currencies, national numbers.

Most checks are presidio's.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import chain
from typing import Any

from advisor.ingest.redaction.spans import Span, names_a_thing

_CARD = re.compile(
    r"(?<![A-Za-z0-9_])(?<!\d,)(?<!\.)(?:"
    r"(?P<grouped>\d{4}(?P<a>[ \-.\u00a0]{1,2})\d{4}(?P=a)\d{4}(?P=a)\d{4}(?:(?P=a)\d{3})?"
    r"|3[47]\d{2}(?P<b>[ \-.\u00a0])\d{6}(?P=b)\d{5}|3[068]\d{2}(?P<c>[ \-.\u00a0])\d{6}(?P=c)\d{4})"
    r"|\d{12,19})(?![A-Za-z0-9_]|\.\d|[\-\u00a0]\d)"
)
_TWELVE_DIGITS = re.compile(r"\d(?:[ \-.\u00a0]{0,2}\d){11}")
_CARD_WORD = re.compile(
    r"(?i)(?:card|visa|master|amex|maestro|discover|credit|debit|\bcharge\b|\bbill\b|karte|carte|tarjeta|carta|cartão"
    r"|\bcc\b|\bpan\b)[^\n\d]{0,30}\Z"
)
_ISSUER = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|3(?:0[0-5]|[689]\d)\d{11}|(?:2131|1800)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
    r"|(?:50|5[6-8]|6\d)\d{10,17}"
)
_LENGTHS_WITHOUT_WORD = (14, 15, 16)
"""Bare numbers of other lengths are mostly bar codes, times and ids: they count after a word such as "card"."""

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \-\u00a0]?[A-Z0-9]){11,36}")
_IBAN_START = re.compile(r"[A-Z][A-Z]\d\d")
_IBAN_ANY_CASE = re.compile(_IBAN.pattern, re.I)

_IBAN_WORD = re.compile(
    r"(?i)(?:iban|account|transfer|konto|compte|cuenta|überweis|refund|beneficiary|\bpay)[^\n]{0,30}\Z"
)

_WALLET = re.compile(
    r"(?<![A-Za-z0-9])(?:0x[0-9a-fA-F]{40}|(?P<bech>[a-z]{2,10}1[02-9ac-hj-np-z]{30,80})"
    r"|(?P<base58>[1-9A-HJ-NP-Za-km-z]{25,36})|[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}|addr1[02-9ac-hj-np-z]{50,110})"
    r"(?![A-Za-z0-9])"
)
_WALLET_WORD = re.compile(r"(?i)(?:wallet|solana|phantom|\bsol\b|\bxrp\b|ripple|crypto|deposit address)[^\n]{0,30}\Z")
_BASE58 = {letter: value for value, letter in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
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
_IDENTITY_START = re.compile(r"[0-9A-Z](?<![A-Za-z0-9_.\-].)(?=[0-9A-Z \-])")
_ANY_FORM = re.compile(
    r"(?<![A-Za-z0-9_.\-])(?:"
    + "|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items())
    + r")(?![A-Za-z0-9_]|[.\-]\d)"
)


def find_cards(text: str) -> Iterator[Span]:
    """Numbers of a card issuer that pass Luhn's check."""
    if not _TWELVE_DIGITS.search(text):
        return
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if not _is_valid("CreditCardRecognizer", digits) or len(set(digits)) == 1:
            continue
        if not _CARD_WORD.search(text, max(0, match.start() - 50), match.start()):
            is_odd = len(digits) not in _LENGTHS_WITHOUT_WORD or names_a_thing(text, match.start())
            if not _ISSUER.fullmatch(digits) or (is_odd and not match["grouped"]):
                continue
        yield Span(*match.span(), "CARD")


def find_ibans(text: str, lower: str) -> Iterator[Span]:
    """Account numbers of a known country, spaced or not, that pass the check of ISO 7064."""
    pattern = _IBAN_ANY_CASE if "iban" in lower else _IBAN
    if pattern is _IBAN and not _IBAN_START.search(text):
        return
    for match in pattern.finditer(text):
        start, end = match.span()
        is_told = _IBAN_WORD.search(text, max(0, start - 40), start) is not None
        while end - start >= 15:  # the words behind the number look like its last groups
            if not text[end : end + 1].isalnum() and _is_iban(text[start:end], is_told=is_told):
                yield Span(start, end, "IBAN")
                break
            end = start + len(text[start : end - 1].rstrip(" -\u00a0"))


def _is_iban(found: str, *, is_told: bool) -> bool:
    """A number whose length is not its country's counts after a telling word only."""
    plain = re.sub(r"[ \-\u00a0]", "", found).upper()
    rest = int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97
    return rest == 1 and (is_told or _is_valid("IbanRecognizer", plain))


def find_wallets(text: str, lower: str, words: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """Addresses of Bitcoin, Ethereum, Litecoin, Tron and others; those without a checksum after a telling word."""
    for match in chain.from_iterable(_WALLET.finditer(text, *word) for word in words if word[1] - word[0] >= 25):
        found = match.group()
        if match["bech"] and not _recogniser_of("CryptoRecognizer").validate_bech32_address(found)[0]:
            continue
        if match["base58"] and not _has_base58_check(found) and not _is_told_wallet(text, match):
            continue
        yield Span(*match.span(), "CRYPTO")
    if "olana" in text or "wallet" in lower:
        for match in re.finditer(r"(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{37,44}(?![A-Za-z0-9])", text):
            if _is_told_wallet(text, match):
                yield Span(*match.span(), "CRYPTO")


def _is_told_wallet(text: str, match: re.Match[str]) -> bool:
    return _WALLET_WORD.search(text, max(0, match.start() - 50), match.start()) is not None and bool(
        re.search(r"\d", match.group()) and re.search(r"[A-Z]", match.group()) and re.search(r"[a-z]", match.group())
    )


def _has_base58_check(found: str) -> bool:
    number = 0
    for letter in found:
        number = number * 58 + _BASE58[letter]
    zeros = len(found) - len(found.lstrip("1"))
    value = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    return len(value) == 25 and hashlib.sha256(hashlib.sha256(value[:-4]).digest()).digest()[:4] == value[-4:]


def find_identities(text: str) -> Iterator[Span]:
    """National numbers and US social security numbers, where no word says that the number is that of a thing."""
    for start in _IDENTITY_START.finditer(text):
        match = _ANY_FORM.match(text, start.start())
        if match is None:
            continue
        name = next(name for name in _FORMS if match[name])
        if _passes(name, match.group()) and not names_a_thing(text, match.start()):
            yield Span(*match.span(), "SSN" if name == "ssn" else "ID")


def _passes(name: str, found: str) -> bool:
    if name.endswith("Recognizer"):
        return _is_valid(name, found.upper())
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


def _is_valid(recogniser: str, found: str) -> bool:
    """Whether ``found`` passes the check of presidio's recogniser of that class name."""
    return bool(_recogniser_of(recogniser).validate_result(found))


@cache
def _recogniser_of(name: str) -> Any:
    """One of presidio's recognisers, made at the first use: the import takes a second."""
    from presidio_analyzer import predefined_recognizers

    return getattr(predefined_recognizers, name)()
