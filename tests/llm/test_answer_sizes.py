"""Answers without end, read in a process with little memory."""

import json
import subprocess
import sys

import pytest

from advisor.types import FailureKind
from tests.server import MisbehavingServer

MEMORY_BYTES = 400 * 2**20
"""What calls may add to what the process has when its modules are loaded."""
CASES = [
    ("endless-1", True),
    ("endless-2", True),
    ("endless-3", False),
    ("endless-3", True),
    ("endless-4", False),
    ("endless-6", True),
    ("endless-5", False),
]
"""What is asked, and whether streamed."""
PROGRAM = """
import asyncio, json, resource, sys
from pathlib import Path
from advisor.errors import CallError
from advisor.llm.opening import open_client
from advisor.types import Model, Request

provider, base, room, cases = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
REQUEST = Request(messages=[{"role": "user", "content": "Hello"}])

async def ask(name, stream):
    client = open_client(Model(name="m", litellm_id=f"{provider}/{name}", api_base=base))
    try:
        return ["", (await client.complete(REQUEST, stream=stream, timeout_s=60)).answer.text]
    except CallError as error:
        return [error.kind, str(error)]
    finally:
        await client.close()

async def main():
    await ask("ok", False)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room, used + room))
    print(json.dumps([await ask(name, stream) for name, stream in cases]))

asyncio.run(main())
"""


def ask(server: MisbehavingServer, provider: str, cases: list[tuple[str, bool]]) -> list[tuple[str, str]]:
    """Kind and words of each failure, or no kind and the answer."""
    arguments = [provider, server.url, str(MEMORY_BYTES), json.dumps(cases)]
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, *arguments]
    found = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert found.returncode == 0, found.stderr[-2000:]
    return [(kind, words) for kind, words in json.loads(found.stdout)]


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["openai", "litellm/openai"])
def test_an_endless_answer_fails_alone(server: MisbehavingServer, provider: str) -> None:
    *failures, refusal = ask(server, provider, CASES)
    for kind, words in failures:
        assert kind == FailureKind.INVALID_RESPONSE
        assert " MB" in words
    assert refusal[0] in (FailureKind.INVALID_RESPONSE, FailureKind.BAD_REQUEST)
