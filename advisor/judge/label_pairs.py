"""Which pair of a run a row of a file of reviews is about."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple, TypeAlias

from advisor.errors import BadInput
from advisor.judge.agreement import PairKey
from advisor.judge.pairs import load_texts
from advisor.store import Store
from advisor.store.engine import in_parts
from advisor.store.log.logs import load_samples
from advisor.store.models import list_models_of
from advisor.store.run.generations import storable
from advisor.store.run.samples import list_external_ids
from advisor.types import Json, Role, Run, Sample, Study

Row: TypeAlias = dict[str, Json]


class _Answers(NamedTuple):
    """Digests of the two answers of a pair; None where the candidate has none."""

    baseline: str
    candidate: str | None


class RunPairs:
    """The pairs of a run as the rows of a file name them: digests only, and only of what is named."""

    def __init__(self, store: Store, study: Study, run: Run, rows: Sequence[Row]) -> None:
        self._store, self._study, self._run = store, study, run
        self._models = {model.name: model.id for model in list_models_of(store, run) if model.role is Role.CANDIDATE}
        self._externals = list_external_ids(store, run.id)
        self._by_external: defaultdict[str, list[int]] = defaultdict(list)
        for sample_id, external in self._externals.items():
            if external is not None:
                self._by_external[external].append(sample_id)
        self._prompts = self._digests_of(sample_id for row in rows for sample_id in self._named(row))
        self._answers: dict[PairKey, _Answers] = {}
        for some in in_parts(sorted(self._pairs_of(rows))):
            for pair, texts in load_texts(store, run, some).items():
                candidate = text_digest(texts.candidate) if texts.candidate else None
                self._answers[pair] = _Answers(text_digest(texts.baseline), candidate)

    def find(self, row: Row) -> PairKey:
        """The pair that a row is about. Raises BadInput with the reason where there is none."""
        pair = self._pair(row)
        answers = self._answers.get(pair)
        if answers is None or answers.candidate is None:
            raise BadInput("the model has no answer to this sample in the run")
        self._check_answers(row, answers.baseline, answers.candidate)
        return pair

    def _pairs_of(self, rows: Iterable[Row]) -> set[PairKey]:
        found = set()
        for row in rows:
            with suppress(BadInput):  # said when the row is taken
                found.add(self._pair(row))
        return found

    def _pair(self, row: Row) -> PairKey:
        model = text_in(row, "model")
        if model not in self._models:
            raise BadInput(f"the run has no candidate {shortened(model)!r}")
        return (self._sample(row), self._models[model])

    def _named(self, row: Row) -> list[int]:
        """The samples of the run that have the id of a row."""
        external, number = (text_in(row, name) for name in ("sample_external_id", "sample_id"))
        if external:
            return self._by_external.get(external, [])
        return [sample_id for sample_id in (_whole(number),) if sample_id in self._externals]

    def _sample(self, row: Row) -> int:
        external, number, digest = (text_in(row, name) for name in ("sample_external_id", "sample_id", "prompt_digest"))
        if not external and not number:
            raise BadInput("no sample given: fill in sample_external_id or sample_id")
        found = self._named(row)
        if digest:
            named, found = found, [sample_id for sample_id in found if self._prompts[sample_id] == digest]
            if not found and not external:  # ours is another number in another database
                found = self._by_prompt.get(digest, [])
            if named and not found:
                raise BadInput("this sample has a different prompt in the run")
        if not found:
            raise BadInput(f"the run has no sample {shortened(external or number)!r}")
        if len(found) > 1:
            found = [sample_id for sample_id in found if sample_id == _whole(number)] or found
        if len(found) > 1:
            raise BadInput("several samples match; fill in both sample_external_id and sample_id")
        return found[0]

    @cached_property
    def _by_prompt(self) -> dict[str, list[int]]:
        """Of the whole run: for reviews from another database, whose numbers are not ours."""
        found: dict[str, list[int]] = {}
        for sample_id, digest in self._digests_of(self._externals).items():
            found.setdefault(digest, []).append(sample_id)
        return found

    def _digests_of(self, sample_ids: Iterable[int]) -> dict[int, str]:
        return {sample.id: prompt_digest(sample) for sample in load_samples(self._store, sample_ids)}

    def _check_answers(self, row: Row, baseline: str, candidate: str) -> None:
        digests = (("baseline", baseline), ("candidate", candidate))
        for side, ours in digests:
            digest = text_in(row, f"{side}_digest")
            if digest and digest != ours:
                raise BadInput(f"the {side}'s answer in the run differs from the reviewed one")
        is_same_run = text_in(row, "study") == self._study.name and text_in(row, "run") == str(self._run.id)
        if not is_same_run and not all(text_in(row, f"{side}_digest") for side, _ in digests):
            raise BadInput("no digests of the answers, so it's unknown which answers were reviewed")


def prompt_digest(sample: Sample) -> str:
    """32 hex digits of what was asked."""
    asked = json.dumps([sample.request.messages, sample.request.params], sort_keys=True, default=str)
    return text_digest(asked)


def text_digest(text: str) -> str:
    """32 hex digits of a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def text_in(row: Row, name: str) -> str:
    """One value of a row as text that can be stored; empty where there is none."""
    value = row.get(name)
    return "" if value is None else (storable(str(value)) or "").strip()


def shortened(text: str) -> str:
    """A text from a file, short enough for a message."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else -1
