"""Which pair of a run a row of a file of reviews is about."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.generations import storable
from advisor.store.models import list_models
from advisor.store.runs import list_run_samples
from advisor.study.agreement import PairKey
from advisor.study.examples import SideBySide, load_texts
from advisor.types import Json, Role, Run, Sample, Study

Row: TypeAlias = dict[str, Json]


class RunPairs:
    """The pairs of a run as the rows of a file name them."""

    def __init__(self, store: Store, study: Study, run: Run, rows: Sequence[Row]) -> None:
        self._study, self._run = study, run
        self._models = {
            model.name: model.id or 0
            for model in list_models(store, study.id)
            if model.role is Role.CANDIDATE and model.id in run.model_ids
        }
        named = {self._models[name] for row in rows if (name := text_in(row, "model")) in self._models}
        samples = list_run_samples(store, run.id)
        self._texts = load_texts(store, run, [(sample_id, model_id) for sample_id in samples for model_id in named])
        self._samples = {texts.sample.id or 0: texts.sample for texts in self._texts.values()}
        self._by_external: defaultdict[str, list[Sample]] = defaultdict(list)
        for sample in self._samples.values():
            if sample.external_id is not None:
                self._by_external[sample.external_id].append(sample)

    def find(self, row: Row) -> PairKey:
        """The pair that a row is about. Raises BadInput with the reason where there is none."""
        model = text_in(row, "model")
        if model not in self._models:
            raise BadInput(f"the run has no candidate {shortened(model)!r}")
        sample = self._sample(row)
        texts = self._texts[(sample.id or 0, self._models[model])]
        if not texts.candidate:
            raise BadInput("the model has no answer to this sample in the run")
        self._check_answers(row, texts)
        return (sample.id or 0, self._models[model])

    def _sample(self, row: Row) -> Sample:
        external, number, digest = (text_in(row, name) for name in ("sample_external_id", "sample_id", "prompt_digest"))
        if not external and not number:
            raise BadInput("it names no sample: give sample_external_id or sample_id")
        if external:
            found = self._by_external.get(external, [])
        else:
            found = [sample for sample in (self._samples.get(_whole(number)),) if sample is not None]
        if digest:
            named, found = found, [sample for sample in found if prompt_digest(sample) == digest]
            if not found and not external:  # ours is another number in another database
                found = self._by_prompt.get(digest, [])
            if named and not found:
                raise BadInput("the prompt of this sample is another one in the run")
        if not found:
            raise BadInput(f"the run has no sample {shortened(external or number)!r}")
        if len(found) > 1:
            found = [sample for sample in found if sample.id == _whole(number)] or found
        if len(found) > 1:
            raise BadInput("several samples of the run fit; give both sample_external_id and sample_id")
        return found[0]

    @cached_property
    def _by_prompt(self) -> dict[str, list[Sample]]:
        found: dict[str, list[Sample]] = {}
        for sample in self._samples.values():
            found.setdefault(prompt_digest(sample), []).append(sample)
        return found

    def _check_answers(self, row: Row, texts: SideBySide) -> None:
        digests = (("baseline", texts.baseline), ("candidate", texts.candidate))
        for side, text in digests:
            digest = text_in(row, f"{side}_digest")
            if digest and digest != text_digest(text):
                raise BadInput(f"the {side}'s answer is another one in the run than the one that was judged")
        is_same_run = text_in(row, "study") == self._study.name and text_in(row, "run") == str(self._run.id)
        if not is_same_run and not all(text_in(row, f"{side}_digest") for side, _ in digests):
            raise BadInput("it has no digests of the answers, so that nobody knows which answers were judged")


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
