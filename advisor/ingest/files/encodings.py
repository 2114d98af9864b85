"""The encoding of text that is neither UTF-8 nor UTF-16, as older spreadsheets of Asia and Eastern Europe write it."""

import codecs
import re

_HIGH = re.compile(rb"[\x80-\xff]")
_NEXT_TO_EACH_OTHER = re.compile(rb"[\x80-\xff]{2,}")
_MOSTLY = 0.5
_FEWEST = 12
"""Bytes that tell anything."""
_SHARED = "的是不了在有我到大子中你年就要出可下好您怎用回答天一，。"
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cp932", re.compile(r"[\u3040-\u30ff]")),
    ("euc_jp", re.compile(r"[\u3040-\u30ff]")),
    ("cp949", re.compile(r"[\uac00-\ud7a3]")),
    ("gb18030", re.compile(f"[{_SHARED}他这个们来时为说国会过请订单退货么吗户问题]")),
    ("big5", re.compile(f"[{_SHARED}他這個們來時為說國會過請訂單退貨麼嗎戶問題]")),
    ("cp1251", re.compile(r"[а-яё]")),
)  # fmt: skip
"""With the letters that texts in each are full of."""
_COMMON = {"cp932": 0.3, "euc_jp": 0.3, "cp949": 0.7, "gb18030": 0.12, "big5": 0.12, "cp1251": 0.75}
"""The least share of those among the letters beyond ASCII."""
_WESTERN = ("àâçéèêëîïôùûüœ", "äöüß", "áéíóúñü", "áâãàçéêíóôõú", "àèéìòù", "åäöæøé", "áðéíóúýþæö")
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž")
_EASTERN = {"cp1250": _CENTRAL, "iso8859_2": _CENTRAL, "cp1254": ("âçğıöşüî\u0307",)}
"""The letters of a language each, in Western, Central and Southern Europe; that of ``İ`` in lower case is two."""
_TELLING = frozenset("ąłśźőűşţšžğı")
"""Letters of the others whose bytes are signs or rare letters in the first; without ``ż``, which is their ``¿``."""
_NO_LETTERS = str.maketrans("", "", "“”„‘’‚–—…«»°€§·•©®™\xa0")
_SOME, _MOST, _MORE = 0.04, 0.9, 0.1


def guess_encoding(head: bytes) -> str | None:
    """The encoding in which the start of a file reads like its language; None for UTF-8, Windows-1252 or neither."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        pass
    else:
        return None
    high = len(_HIGH.findall(head))
    if high < _FEWEST:
        return None
    if sum(map(len, _NEXT_TO_EACH_OTHER.findall(head))) < _MOSTLY * high:
        return _of_accents(head)
    ranked = [(share / _COMMON[name], name) for name, common in _SCRIPTS if (share := _share(head, name, common))]
    best = max(ranked, default=(0.0, ""))
    return best[1] if best[0] >= 1 else _of_accents(head)


def _of_accents(head: bytes) -> str | None:
    """The encoding of a language with Latin letters and accents; None for Windows-1252."""
    western = _best(_beyond(head, "cp1252"), _WESTERN)
    found = {name: _beyond(head, name) for name in _EASTERN}
    shares = {name: _best(letters, _EASTERN[name]) for name, letters in found.items()}
    name = max(shares, key=shares.__getitem__)
    are_telling = sum(letter in _TELLING for letter in found[name]) >= _SOME * len(found[name])
    return name if are_telling and shares[name] >= max(_MOST, western + _MORE) else None


def _beyond(head: bytes, encoding: str) -> str:
    """The letters beyond ASCII, in lower case."""
    text = head.decode(encoding, errors="replace").translate(_NO_LETTERS).lower()
    return "".join(letter for letter in text if ord(letter) > 127)


def _best(letters: str, languages: tuple[str, ...]) -> float:
    """The largest share of a language's own letters."""
    return max(sum(letter in own for letter in letters) for own in languages) / max(len(letters), 1)


def _share(head: bytes, encoding: str, common: re.Pattern[str]) -> float:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return 0.0
    beyond = sum(ord(letter) > 127 for letter in text)
    return len(common.findall(text)) / beyond if beyond else 0.0
