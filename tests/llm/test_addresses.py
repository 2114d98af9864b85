"""Link-local and metadata addresses are not called, however they are spelled and whoever transmits."""

import asyncio
import socket
from typing import Any

import pytest

from advisor.errors import BadInput, CallError
from advisor.llm.direct import DirectClient
from advisor.llm.hosts import check_address
from advisor.llm.opening import open_client
from advisor.types import PINNED, FailureKind, Model, Request

METADATA = "169.254.169.254"


@pytest.mark.slow
@pytest.mark.parametrize(
    "host",
    [
        METADATA, f"{METADATA}.", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "0xA9.254.43518", "169.254.0.1",
        f"[::ffff:{METADATA}]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[fe80::1]", "[fd00:ec2::254]",
        "100.100.100.200", "metadata.google.internal", "METADATA.Google.Internal.",
    ],
)  # fmt: skip
def test_every_spelling_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="ADVISOR_ALLOW_ADDRESSES"):
        check_address(f"http://{host}:8000/v1")
    monkeypatch.setenv("ADVISOR_ALLOW_ADDRESSES", "gpu.internal, 10.0.0.0/8")
    with pytest.raises(BadInput, match="ADVISOR_ALLOW_ADDRESSES"):
        check_address(f"https://{host}/v1")


@pytest.mark.parametrize("listed", [METADATA, "169.254.0.0/16", f"gpu.internal, {METADATA}/32"])
def test_a_listed_one_is_called(listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_ALLOW_ADDRESSES", listed)
    check_address(f"http://{METADATA}/v1")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1", "file:///etc/passwd", "http://host/v1#", "http://host/latest?x=", "http://me@host/v1",
        "http://me:word@host/v1", "http://host\\@other/v1", "http://ho st/v1", "http://host/v1\n", "http://%31.2.3.4/",
        "host:8000", "http://", "",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="https://host/v1"):
        check_address(url)


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.5:8000/v1", "http://192.168.1.7/v1", "http://[::1]:80/v1", "https://my_vllm/v1/", "HTTP://Host"],
)
def test_teams_own_servers_are_called(url: str) -> None:
    check_address(url)


@pytest.mark.slow
@pytest.mark.parametrize("litellm_id", ["openai/x", f"{PINNED}openai/x", "anthropic/x"])
def test_a_name_that_leads_there_is_not_called(litellm_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (METADATA, 80))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    model = Model(name="m", litellm_id=litellm_id, api_base="http://innocent.example/v1")

    async def ask() -> None:
        client = open_client(model)
        try:
            if isinstance(client, DirectClient):
                assert await client.list_models(30) == []
            await client.complete(Request(messages=[{"role": "user", "content": "Hi"}]), stream=False, timeout_s=30)
        finally:
            await client.close()

    with pytest.raises(CallError, match="ADVISOR_ALLOW_ADDRESSES") as refused:
        asyncio.run(ask())
    assert refused.value.kind == FailureKind.NETWORK
