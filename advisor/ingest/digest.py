"""Whether two rows are the same call: the provider's response id, else what was asked, answered and when."""

import hashlib

import orjson

from advisor.types import Sample


def digest(sample: Sample, occurrence: int) -> str:
    """64 hex digits that two rows share when they are the same call.

    ``occurrence`` counts, from 0 within one file, the samples with the same :func:`content_digest`: identical requests
    are traffic, while the same file read twice is not.
    """
    if sample.response_id:
        return hashlib.sha256(f"id {sample.response_id}".encode()).hexdigest()
    return hashlib.sha256(f"{content_digest(sample)} {occurrence}".encode()).hexdigest()


def content_digest(sample: Sample) -> str:
    """64 hex digits of request, answer and time."""
    answer = sample.answer
    content = (
        sample.request.messages,
        sample.request.params,
        answer and (answer.text, [(call.name, call.arguments) for call in answer.tool_calls]),
        sample.error,
        sample.at,
    )
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.sha256(orjson.dumps(content, option=options, default=str)).hexdigest()
