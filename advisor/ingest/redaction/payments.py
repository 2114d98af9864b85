"""Finds card numbers, account numbers (IBAN) and wallets of crypto-currencies, each by its checksum."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from advisor.ingest.redaction.checksum import is_valid, recogniser_of
from advisor.ingest.redaction.span import Span, names_a_thing

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


def find_cards(text: str) -> Iterator[Span]:
    """Numbers of a card issuer that pass Luhn's check."""
    if not _TWELVE_DIGITS.search(text):
        return
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if not is_valid("CreditCardRecognizer", digits) or len(set(digits)) == 1:
            continue
        if not _CARD_WORD.search(text, max(0, match.start() - 50), match.start()):
            is_odd = len(digits) not in _LENGTHS_WITHOUT_WORD or names_a_thing(text, match.start())
            if not _ISSUER.fullmatch(digits) or (is_odd and not match["grouped"]):
                continue
        yield Span(match.start(), match.end(), "CARD")


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
    return rest == 1 and (is_told or is_valid("IbanRecognizer", plain))


def find_wallets(text: str, lower: str, words: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """Addresses of Bitcoin, Ethereum, Litecoin, Tron and others; those without a checksum after a telling word."""
    for match in chain.from_iterable(_WALLET.finditer(text, *word) for word in words if word[1] - word[0] >= 25):
        found = match.group()
        if match["bech"] and not recogniser_of("CryptoRecognizer").validate_bech32_address(found)[0]:
            continue
        if match["base58"] and not _has_base58_check(found) and not _is_told_wallet(text, match):
            continue
        yield Span(match.start(), match.end(), "CRYPTO")
    if "olana" in text or "wallet" in lower:
        for match in re.finditer(r"(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{37,44}(?![A-Za-z0-9])", text):
            if _is_told_wallet(text, match):
                yield Span(match.start(), match.end(), "CRYPTO")


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
