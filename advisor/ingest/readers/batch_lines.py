"""Lines of batches: which request and which result are of one call, and at what tier it is billed."""

from collections.abc import Callable
from dataclasses import replace

import orjson

from advisor.types import Json, Sample

UNCLEAR = "several batches use its custom_id for different requests; import each batch on its own"
Line = dict[str, Json]


def split_batches(
    parts: list[Line], is_request: Callable[[Line], bool], identity: Callable[[Line], Json]
) -> list[list[Line]]:
    """The parts of each call, every part in one of them.

    Files are read one after the other, so that the n-th request and the n-th result belong together where there are as
    many of the one as of the other; a line that comes again, because exports overlap, is that of the call it repeats. A
    single request keeps all of its results: it was sent again. Where the numbers differ nothing tells which belong
    together, and only the first result is left with the requests. ``identity`` tells results apart.
    """
    requests = _once([part for part in parts if is_request(part)], lambda line: line)
    results = _once([part for part in parts if not is_request(part)], identity)
    lines = [[line] for same in requests for line in same]
    if len(lines) == len(results):
        requests = lines
    if len(requests) == 1:
        return [parts]
    if not requests or not results:
        return requests or results
    if len(requests) == len(results):
        return [asked + came for asked, came in zip(requests, results, strict=True)]
    first, *rest = results
    return [[line for same in requests for line in same] + first, *rest]


def in_batch(sample: Sample) -> Sample:
    """The sample as one that is billed at the batch price; what the answer says of its tier is another matter."""
    params = sample.request.params | {"service_tier": "batch"}
    return replace(sample, request=replace(sample.request, params=params))


def _once(lines: list[Line], identity: Callable[[Line], Json]) -> list[list[Line]]:
    """Lines that say the same together, in the order of the first of each."""
    found: dict[bytes, list[Line]] = {}
    for line in lines:
        key = orjson.dumps(identity(line), default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        found.setdefault(key, []).append(line)
    return list(found.values())
