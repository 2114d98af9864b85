"""What is shown of a scan: counts by kind in words, and examples as plain text."""

from streamlit.testing.v1 import AppTest

from advisor.collect.redaction import Example, Scan
from advisor.ui.log.redaction import KINDS, redact_notes


def shown(scan: Scan) -> AppTest:
    def script(scan):  # type: ignore[no-untyped-def]  # runs without this module's names
        from advisor.ui.log.redaction import show_scan

        show_scan(scan)

    at = AppTest.from_function(script, args=(scan,))
    at.run(timeout=120)
    assert not at.exception
    return at


def test_counts_and_examples() -> None:
    before, after = "Write to ![x](https://x.org/a) ann@x.org", "Write to ![x](https://x.org/a) <EMAIL_1>"
    at = shown(
        Scan(samples=500, counts={"EMAIL": 3, "SECRET": 1}, examples=(Example("EMAIL", before, after),), names=False)
    )
    words = "found in the first 500 calls: Email address 3 · Password, key or token 1."
    assert words in at.expander[0].label
    assert [code.value for code in at.code] == [before, after]
    assert not any("x.org" in item.value for item in at.markdown), "logged text is never Markdown"


def test_nothing_found() -> None:
    at = shown(Scan(samples=1, counts={}, examples=(), names=True))
    assert (
        at.markdown[0].value == "**No personal data** or secrets found in the prompts and answers of the first 1 call."
    )
    without = shown(Scan(samples=1, counts={}, examples=(), names=False))
    assert without.markdown[0].value.endswith("of the first 1 call. Names of people weren't checked.")


def test_the_notes_say_whether_names_are_found() -> None:
    assert "needs a spaCy model; none is installed" in redact_notes(names=False)[0]
    assert all("Replays send" in note for note in redact_notes(names=False))
    assert "spaCy" not in redact_notes(names=True)[0]
    assert redact_notes(names=True)[1] == redact_notes(names=False)[1]


def test_every_label_has_words() -> None:
    from advisor.ingest.redaction.spans import LABELS

    assert set(KINDS) == set(LABELS)
