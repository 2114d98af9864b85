"""Whether two rows are the same call, and whether two calls ask the same."""

import hashlib
import string
import zlib

import orjson

from advisor.types import Request, Sample

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_DROPPED = (string.digits + string.punctuation + string.whitespace).encode()
_LOWER = bytes(range(256)).lower()
_SIZE = 16
_TELLING_ID = 16
"""Shorter ids are numbers that some servers count from one again at every start."""


def is_identified(sample: Sample) -> bool:
    """Whether an equal digest means the same call: a telling id of the provider's, or any id together with a time."""
    return sample.response_id is not None and (_has_telling_id(sample.response_id) or sample.at is not None)


def call_digest(sample: Sample) -> str:
    """32 hex digits of the provider's response id, else of request, answer, error and time."""
    if sample.response_id is not None and _has_telling_id(sample.response_id):
        return _hex(f"id {sample.response_id}".encode())
    answer = sample.answer and (sample.answer.text, sample.answer.tool_calls)
    request = (sample.request.messages, sample.request.params)
    told = (request, answer, sample.error, sample.at, sample.response_id)
    return _hex(orjson.dumps(told, option=_SORTED, default=str))


def request_digest(request: Request) -> str:
    """32 hex digits, equal for requests with the same messages, tools and other parameters.

    Raises TypeError for what no JSON can hold.
    """
    return _hex(_whole(request))


def occurrence_digest(call: str, occurrence: int) -> str:
    """Tells the n-th identical call of a file (from 0) from the first."""
    return call if occurrence == 0 else _hex(f"{call} {occurrence}".encode())


def near_digest(request: Request) -> str:
    """Hex digits that requests share which differ in case, digits, spaces and punctuation only.

    A checksum and the length: two of a million different requests may be taken for alike, which changes no share.
    Raises TypeError for what no JSON can hold.
    """
    plain = _whole(request).translate(_LOWER, _DROPPED)
    return f"{zlib.crc32(plain):08x}{len(plain):x}"


def _whole(request: Request) -> bytes:
    return orjson.dumps((request.messages, request.params), option=_SORTED)


def _has_telling_id(response_id: str) -> bool:
    return len(response_id) >= _TELLING_ID


def _hex(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_SIZE).hexdigest()
