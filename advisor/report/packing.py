"""A PDF with its small objects compressed together: the tags of a long report weigh more than its pages."""

import re
import zlib
from itertools import pairwise, starmap

DOUBTS = b"/Marked true/Suspects false>>"
"""False is what is assumed; Poppler takes it for a fault."""
TOGETHER = 1000
"""A reader unpacks so many objects to see one."""
_KEPT = re.compile(rb"/Root.*?\]", re.DOTALL)
"""Of the trailer: where the document begins, its facts and its id."""


def packed(pdf: bytes) -> bytes:
    """The same document, as object streams and a cross-reference stream (ISO 32000-1, 7.5.7 and 7.5.8).

    Args:
        pdf: As Typst writes it: one table of all objects, none of them free or encrypted.
    """
    end = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    table = pdf[end:].splitlines()
    starts = [int(line[:10]) for line in table[3 : 2 + int(table[1].split()[1])]]
    ends = dict(pairwise(sorted([*starts, end])))
    content = bytearray(pdf[: min(starts)])
    places = [_place(0, 0, 0)] * (1 + len(starts))
    small: list[tuple[int, bytes]] = []
    for number, begin in enumerate(starts, 1):
        whole = pdf[begin : ends[begin]].rstrip().replace(DOUBTS, b"/Marked true>>")
        if whole.endswith(b"endstream\nendobj"):
            places[number] = _place(1, len(content), 0)
            content += whole + b"\n"
        else:
            small.append((number, whole.removeprefix(b"%d 0 obj" % number).removesuffix(b"endobj").strip()))
    for first in range(0, len(small), TOGETHER):
        group = small[first : first + TOGETHER]
        heads, at = [], 0
        for place, (number, body) in enumerate(group):
            places[number] = _place(2, len(places), place)
            heads.append(b"%d %d" % (number, at))
            at += len(body) + 1
        head = b" ".join(heads) + b"\n"
        number = len(places)
        places.append(_place(1, len(content), 0))
        kind = b"/Type/ObjStm/N %d/First %d" % (len(group), len(head))
        content += _stream(number, kind, head + b"\n".join(body for _, body in group))
    places.append(_place(1, len(content), 0))
    kept = _KEPT.search(pdf[end:])
    assert kept
    predictor = b"/DecodeParms<</Predictor 12/Columns 7>>"
    kind = b"/Type/XRef/Size %d/W[1 4 2]%s%s" % (len(places), predictor, kept[0])
    last = _stream(len(places) - 1, kind, b"".join(starmap(_unlike, pairwise([bytes(7), *places]))))
    return bytes(content) + last + b"startxref\n%d\n%%%%EOF" % len(content)


def _place(kind: int, where: int, more: int) -> bytes:
    return bytes([kind]) + where.to_bytes(4, "big") + more.to_bytes(2, "big")


def _unlike(before: bytes, place: bytes) -> bytes:
    """What differs from the place before, as PNG has it: far smaller once compressed."""
    return b"\x02" + bytes((new - old) % 256 for old, new in zip(before, place, strict=True))


def _stream(number: int, kind: bytes, content: bytes) -> bytes:
    data = zlib.compress(content, 9)
    head = b"%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>\nstream\n" % (number, kind, len(data))
    return head + data + b"\nendstream\nendobj\n"


def count_pages(pdf: bytes) -> int:
    """The pages of a document that ``packed`` wrote, which has each among its small objects."""
    groups = (zlib.decompressobj().decompress(pdf[found.end() :]) for found in _GROUP.finditer(pdf))
    return sum(len(_PAGE.findall(group)) for group in groups)


_GROUP = re.compile(rb"/Type/ObjStm[^>]*>>\s*stream\r?\n")
_PAGE = re.compile(rb"/Type\s*/Page\b")
