"""Notes on pairs."""

from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.run.reviews import LONGEST, list_notes, remove_note, save_note
from advisor.store.run.samples import list_run_samples
from advisor.store.studies import revision_of
from tests.made.pairs import drafts, paired_run


def test_a_note_is_kept_with_its_author_replaced_and_removed(any_store: Store, tmp_path: Path) -> None:
    study, run, model, _ = paired_run(any_store, tmp_path, drafts(2))
    sample, other = list_run_samples(any_store, run.id)
    before = revision_of(any_store, study.id)
    save_note(any_store, sample, model, author="Dana", text="  <b>Odd</b>\n![x](http://a/b.png) ")
    save_note(any_store, sample, model, author="Kim", text="Agreed")
    save_note(any_store, sample, model, author="Dana", text="Fixed\x00 upstream")
    assert [(note.author, note.text) for note in list_notes(any_store, sample, model)] == [
        ("Kim", "Agreed"),
        ("Dana", "Fixed upstream"),
    ]
    assert list_notes(any_store, other, model) == []
    assert revision_of(any_store, study.id) != before
    remove_note(any_store, sample, model, author="Dana")
    assert [note.author for note in list_notes(any_store, sample, model)] == ["Kim"]


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST + 1)])
def test_a_note_says_something_and_is_no_document(any_store: Store, tmp_path: Path, text: str) -> None:
    _, run, model, _ = paired_run(any_store, tmp_path, drafts(1))
    (sample,) = list_run_samples(any_store, run.id)
    with pytest.raises(BadInput):
        save_note(any_store, sample, model, author="Dana", text=text)
    assert list_notes(any_store, sample, model) == []
