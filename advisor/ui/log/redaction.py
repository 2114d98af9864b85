"""What redaction would replace in a log, before it is chosen."""

import streamlit as st

from advisor.collect.redaction import Example, Scan
from advisor.text.numbers import count
from advisor.ui.components.text import plain

KINDS = {
    "ACCOUNT": "Bank account number",
    "ADDRESS": "Postal address",
    "BIRTH_DATE": "Date of birth",
    "CARD": "Card number",
    "CRYPTO": "Crypto wallet",
    "EMAIL": "Email address",
    "IBAN": "IBAN",
    "ID": "National or health number",
    "IP": "IP address",
    "LICENCE": "Driver's license",
    "MAC": "Hardware address",
    "PASSPORT": "Passport",
    "PERSON": "Name of a person",
    "PHONE": "Phone number",
    "SECRET": "Password, key or token",
    "SSN": "Social security number",
    "VEHICLE": "License plate or vehicle number",
}
"""The kinds of finds in words."""

_NAMES = "names of people"
_FOUND = "Email and postal addresses, phone, card, account and identity numbers, dates of birth, passwords and keys"
_REPLACED = "become placeholders such as `<EMAIL_1>` before anything is stored. Replays send the placeholders."
_KEPT = (
    "Prompts are stored as logged. Replays send them, personal data included, to the hosts of your models. "
    "The Run page lists these hosts before you start."
)


def redact_notes(names: bool) -> tuple[str, str]:
    """What each choice means; ``names``: whether names of people can be found."""
    if names:
        return f"{_FOUND}, and {_NAMES} as far as the language model sees them, {_REPLACED}", _KEPT
    return f"{_FOUND} {_REPLACED} Names of people stay: finding them needs a spaCy model; none is installed.", _KEPT


def show_scan(scan: Scan) -> None:
    """What would be replaced: counts by kind, then examples before and after. Nothing is stored yet."""
    looked = f"the first {count(scan.samples, 'call')}"
    if not scan.counts:
        but = "" if scan.names else " Names of people weren't checked."
        st.markdown(f"**No personal data** or secrets found in the prompts and answers of {looked}.{but}")
        return
    kinds = " · ".join(f"{KINDS[kind]} {count:,}" for kind, count in scan.counts.items())
    with st.expander(f"**Personal data** found in {looked}: {kinds}. See examples"):
        for number, example in enumerate(scan.examples):
            _show_example(number, example, is_first=not number or scan.examples[number - 1].kind != example.kind)


def _show_example(number: int, example: Example, *, is_first: bool) -> None:
    if is_first:
        st.caption(KINDS[example.kind])
    before, after = st.columns(2)
    with before:
        plain(example.before, key=f"scan_before_{number}")
    with after:
        plain(example.after, key=f"scan_after_{number}")
