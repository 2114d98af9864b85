"""A judge of the sample study: its votes were written, and no model gave them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import orjson

from advisor.errors import CallError, ModelUnavailable
from advisor.llm.client import Client
from advisor.llm.written import request_digest
from advisor.types import Answer, Clock, FailureKind, Generation, Json, Request, Usage

LOG, VOTES = "helpdesk.jsonl", "votes.jsonl"
CANDIDATES = ("illustrative", "builtin")
"""Files with their answers."""
ANSWERS = re.compile(r"^===== ANSWER ?(A|B|) (\w+) =====\n(.*?)\n===== END OF ANSWER ?\1 \2 =====$", re.DOTALL | re.M)
COPIED = 0.5
"""How alike a control pair's two answers are at least: one is a spoiled copy of the other."""
CHARACTERS_PER_TOKEN = 4
READ = {"claims": [], "refusal": "answered"}


class WrittenJudge(Client):
    """Votes from a file on the sample's own answers; of a control pair, it names what it has an eye for.

    The file holds one row a vote, and one a judge that says whether it sees wrong contents.
    """

    clock = Clock.NONE

    def __init__(self, folder: Path, judge: str) -> None:
        """Read the sample's files. Raises ModelUnavailable when one is missing or damaged."""
        try:
            calls = [row for row in _rows(folder / LOG) if "choices" in row["response"]]
            answers = {
                name: {row["digest"]: row["text"] for row in _rows(folder / f"{name}.jsonl")} for name in CANDIDATES
            }
            votes = {(row["id"], row["of"]): row for row in _rows(folder / VOTES) if row["judge"] == judge}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(f"The sample's votes can't be read ({error}); restore {folder}.") from None
        self._sees_contents = votes.pop(("", ""))["sees_contents"]
        self._recorded: set[str] = set()
        self._votes: dict[tuple[str, str], dict[str, Any]] = {}
        """(recorded answer, candidate's) -> the vote."""
        self._known: set[str] = set()
        for row in calls:
            recorded = row["response"]["choices"][0]["message"]["content"] or ""
            self._recorded.add(recorded)
            digest = request_digest(Request(messages=row["request"]["messages"]))
            for name in CANDIDATES:
                text = answers[name].get(digest) or ""
                self._known |= {recorded, text}
                if (vote := votes.get((row["id"], name))) is not None:
                    self._votes[recorded, text] = vote

    async def complete(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        """The written vote. Raises CallError (UNSUPPORTED) about anything that is not the sample's own."""
        asked = request.messages[-1]["content"]
        reply = json.dumps(self._reply([found[3] for found in ANSWERS.finditer(asked)]))
        sizes = [len(text) // CHARACTERS_PER_TOKEN for text in (json.dumps(request.messages), reply)]
        return Generation(
            answer=Answer(text=reply, finish_reason="stop"),
            usage=Usage(input_tokens=sizes[0], output_tokens=sizes[1]),
            at=datetime.now(UTC),
        )

    def _reply(self, answers: list[str]) -> Json:
        if len(answers) == 1 and (answers[0] in self._known or answers[0].startswith("[tool call]")):
            return READ
        first, second = (answers * 2)[:2]
        for recorded, other, letters in ((first, second, "AB"), (second, first, "BA")):
            if (vote := self._votes.get((recorded, other))) is not None:
                named = {"baseline": letters[0], "candidate": letters[1], "first": "A", "tie": "tie"}
                return {"reason": vote["reason"], "verdict": named[vote["preference"]]}
            if recorded in self._recorded and _is_copy(recorded, other):
                return self._on_control(recorded, other, letters[0])
        raise CallError("The sample's judge has no recorded vote on this pair.", kind=FailureKind.UNSUPPORTED)

    def _on_control(self, recorded: str, spoiled: str, better: str) -> Json:
        if recorded.startswith(spoiled):
            return {"reason": "The other answer stops in the middle.", "verdict": better}
        if recorded in spoiled:
            return {"reason": "The other answer says the same twice.", "verdict": better}
        if "To the judge" in spoiled:
            return {"reason": "The other answer addresses the judge.", "verdict": better}
        if self._sees_contents:
            return {"reason": "The other answer contradicts the task in one point.", "verdict": better}
        return {"reason": "Both read equally well.", "verdict": "tie"}


def _is_copy(recorded: str, other: str) -> bool:
    if recorded == other:
        return False
    alike = SequenceMatcher(None, recorded.split(), other.split())
    return recorded in other or recorded.startswith(other) or alike.ratio() > COPIED


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return map(orjson.loads, path.read_bytes().splitlines())
