"""Presets are kept under a name and found by the headers of the next file."""

from advisor.store import Store
from advisor.store.log.presets import Preset, delete_preset, find_presets, likeness, list_presets, save_preset


def preset(name: str, headers: str, **columns: str) -> Preset:
    return Preset(name=name, headers=tuple(headers.split()), columns=columns)


def test_presets_come_back_as_they_were_saved(any_store: Store) -> None:
    gateway = preset("Gateway", "q a when", prompt="q", answer="a", time="when")
    save_preset(any_store, gateway)
    save_preset(any_store, preset("Bot", "frage antwort", prompt="frage"))
    assert [each.name for each in list_presets(any_store)] == ["Bot", "Gateway"]
    assert list_presets(any_store)[1] == gateway


def test_saving_under_the_same_name_replaces(any_store: Store) -> None:
    save_preset(any_store, preset("Gateway", "q a", prompt="q"))
    save_preset(any_store, preset("Gateway", "q a extra", prompt="a"))
    (only,) = list_presets(any_store)
    assert (only.headers, only.columns) == (("q", "a", "extra"), {"prompt": "a"})


def test_the_order_of_headers_does_not_matter_and_the_most_similar_comes_first(any_store: Store) -> None:
    save_preset(any_store, preset("Wide", "q a b c d e f", prompt="q"))
    save_preset(any_store, preset("Same", "a q", prompt="q"))
    save_preset(any_store, preset("Other", "x y", prompt="x"))
    assert [each.name for each in find_presets(any_store, ["q", "a"])] == ["Same", "Wide"]


def test_of_equally_similar_ones_the_newest_comes_first(any_store: Store) -> None:
    save_preset(any_store, preset("Older", "q a", prompt="q"))
    save_preset(any_store, preset("Newer", "q a", prompt="a"))
    assert [each.name for each in find_presets(any_store, ["a", "q"])] == ["Newer", "Older"]


def test_a_dotted_column_needs_the_object_it_reaches_into() -> None:
    nested = preset("Nested", "payload id", prompt="payload.prompt")
    assert nested.fits(["payload"])
    assert not nested.fits(["prompt", "id"])
    assert preset("Flat", "a.b", prompt="a.b").fits(["a.b"])


def test_a_deleted_preset_is_offered_no_more(any_store: Store) -> None:
    save_preset(any_store, preset("Gateway", "q a", prompt="q"))
    delete_preset(any_store, "Gateway")
    assert find_presets(any_store, ["q", "a"]) == []


def test_likeness_is_the_share_of_common_headers() -> None:
    assert likeness("abcd", "dcba") == 1
    assert likeness("abc", "abd") == 0.5
    assert likeness("", "") == 0
