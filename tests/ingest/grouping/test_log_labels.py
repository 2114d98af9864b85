"""Which labels of a log say what a call is for."""

from advisor.ingest.grouping.prompt import label_of, template_of
from advisor.ingest.grouping.use_cases import same_label, telling_labels
from advisor.types import GroupKey, Kind


def key(label: str | None, template: str = "") -> GroupKey:
    return GroupKey(label, template, Kind.CHAT)


def test_spelling_tells_no_labels_apart() -> None:
    assert same_label("Reply-Draft") == same_label("reply_draft") == same_label("reply  draft") == "reply draft"


def test_ids_and_dates_are_no_part_of_a_label() -> None:
    assert label_of("triage-2026-11-03") == "triage"
    assert label_of("Triage v2") == "Triage v2"
    assert label_of("0f8fad5b-d9cb-469f-a165-70867728950e") is None
    assert label_of("2041") is None


def test_a_label_is_one_line_without_control_characters_that_divide() -> None:
    assert label_of(" Reply\x1f1 \n draft ") == "Reply 1 draft"
    assert template_of("You sort\x1f the tickets\n of a shop.") == "you sort the tickets of a shop."


def test_labels_that_differ_on_every_row_tell_nothing() -> None:
    assert telling_labels([(key(f"run {n}"), 1) for n in range(500)], 5, 60) == set()


def test_small_labels_beside_large_ones_are_left_out() -> None:
    groups = [(key("Big"), 900), (key("big"), 30), *((key(f"small {n}"), 1) for n in range(50))]
    assert telling_labels(groups, 9, 60) == {"big"}


def test_labels_spread_over_all_purposes_tell_nothing() -> None:
    spread = [(key(user, template), 50) for user in ("ann", "bob") for template in ("sort tickets", "write replies")]
    assert telling_labels(spread, 5, 60) == set()
    bound = [(key("triage", "sort tickets"), 50), (key("replies", "write replies"), 50)]
    assert telling_labels(bound, 5, 60) == {"triage", "replies"}


def test_dates_names_and_numbers_are_no_part_of_a_template() -> None:
    first = template_of("Today is 3 May 2026. You sort the tickets of Acme Corp, 12 kinds.")
    assert first == template_of("Today is 14 June 2025. You sort the tickets of Bolt Ltd, 9 kinds.") != ""
    assert template_of("You are a helpful assistant.") == ""
