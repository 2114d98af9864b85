"""Which answers hold personal data, and which only look as if they did."""

import pytest

from advisor.judge.scores import personal_data
from advisor.types import ScoreCode

KEY = "-".join(("sk", "proj", "Ab3dEf6hIj9kLmN2pQr5tUv8wXy1zAb4cDe7fGh0"))
"""Made up, and put together so that nobody takes it for one that leaked."""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to anna.weber@example-mail.de and she will help.", "email"),
        ("Call me at +49 171 2345678 tomorrow.", "phone"),
        ("The card 4111 1111 1111 1111 was charged twice.", "card"),
        ("Please pay to DE89 3704 0044 0532 0130 00.", "iban"),
        ("Her SSN is 536-22-8741.", ""),
        ("Log in at 203.0.113.42 as admin.", "ip"),
        (f"Use the key {KEY}.", ""),
        ('{"customer": {"email": "j.doe@corp.example.org"}}', "email"),
    ],
)
def test_answers_that_hold_personal_data(text: str, kind: str) -> None:
    found = personal_data(text)
    assert (found.scorer, found.value, found.passed) == ("personal_data", 1.0, False)
    assert kind in found.findings[0].details or not kind
    assert not any(word in str(found.findings) for word in text.split() if any(sign.isdigit() for sign in word))


@pytest.mark.parametrize(
    "text",
    [
        "Your order 4512-8834-2291 will arrive on 2026-03-14 between 10:30 and 12:45.",
        "Write to us by e-mail or call our hotline.",
        "Invoice 20260314-0007 is over 1,234.56 EUR.",
        "Version 10.2.14 of the app needs 4096 MB.",
        "The card ends in 1111.",
        "Use @mentions and #tags to find it.",
        "The ISBN is 978-3-16-148410-0.",
        "EMAIL_1 asked about PHONE_2, and <EMAIL_1> wrote back.",
        "const key = process.env.API_KEY;",
        "",
    ],
)
def test_answers_that_only_look_like_it(text: str) -> None:
    found = personal_data(text)
    assert (found.value, found.passed, found.findings) == (0.0, True, ())


def test_several_kinds_are_each_named_once() -> None:
    found = personal_data("a.b@example-mail.com, c.d@example-mail.com or +44 20 7946 0958")
    assert found.findings == ((ScoreCode.PERSONAL_DATA, ("email", "phone"), 0),)
