"""Finds passwords and keys by a word before them: ``password=...``, ``"api_key": "..."``, ``my PIN is ...``."""

import re
from collections.abc import Callable, Iterator

from advisor.ingest.redaction.spans import Span

_PASSWORD = {
    "pass": r"pass(?:[_\- ]?(?:word|wd|wort|phrase|code)|(?<![a-z]pass)\b)",
    "pwd": r"pwd",
    "pw": r"pw(?<![a-z0-9]pw)\b",
    "kennwort": r"kennwort",
    "mot de passe": r"mot de passe",
    "mdp": r"mdp(?<![a-z]mdp)\b",
    "contrase": r"contrase(?:ñ|n)a",
    "clave": r"clave(?<![a-z]clave)\b",
    "senha": r"senha(?<![a-z]senha)\b",
    "parola d'ordine": r"parola d'ordine",
    "wachtwoord": r"wachtwoord",
    "hasło": r"hasło",
}
_KEY = {
    "key": r"key\b",
    "secret": r"secret",
    "token": r"token",
    "credential": r"credential",
    "jwt": r"jwt",
    "authorization": r"authorization",
    "schlüssel": r"schlüssel",
    "clé": r"clé\b",
    "recovery": r"recovery[_\- ]?code",
}
"""What the telling word begins with -> the word, both in lower case."""
_OF_KEY = re.compile(
    r"(?:api|access|account|auth|app|application|client|deploy|encryption|license|master|private|service|shared|signing"
    r"|storage|subscription|instrumentation|signature|admin|user|webhook|project|secret)[_\- ]?\Z"
)
_LINKED_VALUE = re.compile(
    r"(?i)(?:[\w\-]{0,24}(?:\s?\([^()\n]{1,20}\))?\\?[\"'`*\]]{0,3}\s{0,3}(?P<mark>=>|:=|=(?!=)|:{1,2}(?!//)|\|)"
    r"|(?P<verb>[^\n.:=;,?!]{0,24}\s(?:is|ist|lautet|est|es|son|são|è|was|war|to|auf|à|a))"
    r"(?:\s(?:now|currently|just|jetzt|ahora)\b)?)[:]?"
    r"\s{0,3}(?:\*\*\s?)?(?:\\?(?P<quote>[\"'`])(?P<quoted>(?:(?!\\?(?P=quote))[^\n]){1,200})\\?(?P=quote)"
    r"|(?P<bare>[^\s\"'`,;<>|]{1,400}))"
)
_DIRECT_PASSWORD = re.compile(
    r" (?=\S*\d)(?=\S*[A-Za-z])(?:(?=\S*[!@#$%^&*+?~])|(?=\S*[a-z])(?=\S*[A-Z])(?=\S*\d\S*\d))"
    r"(?P<bare>[^\s\"'`,;<>|]{8,64})"
)
_DIRECT_KEY = re.compile(
    r" (?=\S*[A-Za-z])(?:(?=(?:\S*\d){3})|(?=(?:[^\sA-Z]*[A-Z]){3})(?=(?:[^\sa-z]*[a-z]){3}))"
    r"(?P<bare>[A-Za-z0-9_\-]{20,128})(?![\w.(/])"
)
_LONGEST = 400
_REST = re.compile(r"[^\s\"'`,;<>|]*")
_TABLE_LINE = re.compile(r"(?:^|\n)\s*\|[^\n]*\Z")
_PIN = re.compile(r"\bPIN\b(?:\s?(?:is|ist|es|est|lautet)|\s?[:=])\s{0,3}(?P<value>\d{4,8})\b")
_LOGIN = re.compile(r"login|credentials|creds|zugangsdaten|user")
_LOGIN_VALUE = re.compile(
    r"(?i)(?:name)?\s?(?:is|are|ist|:|=)\s{0,2}[\w.@+\-]{2,64}\s?/\s?(?P<value>[^\s\"'`,;<>/|]{6,64})"
)
_OPTIONS = (" -p", " -a ", " -u", " --user")
_COMMAND = re.compile(
    r"\b(?:(?:mysql|mariadb)\w*\b[^\n|;]{0,200}?\s-p|(?:sshpass|docker login)\b[^\n|;]{0,200}?\s-p\s?"
    r"|redis-cli\b[^\n|;]{0,200}?\s-a\s|(?:curl|wget)\b[^\n|;]{0,200}?\s(?:-u|--user)[ =]?[\"']?[\w.@+\-]{1,64}:)"
    r"[\"']?(?P<value>[^\s\"'|;]{6,64})"
)
"""A password among the options of a command, without a word that says so."""
_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)*\.[A-Za-z]{2,}")
_MADE_UP = re.compile(
    r"(?i)^(?:\$(?:\{|\(|[A-Z_]+(?:$|[^A-Za-z0-9!@#%&?])|[a-z_]+$)|%[(s{]|\{|<|\[|\*+$|\.{2,}|-+$|_+$|#$|@[A-Za-z]+$)"
    r"|\.\.\.|…|\*{3}|•|x{5,}|\byour\b|\byour[_\-]|[_-]here$|replace|change[_\-]?(?:me|it)|placeholder|redacted"
    r"|^(?:insert|enter)\b|^[a-z]+_(?:password|passwd|pwd|secret|token|key)$|^my[_\-](?:api|secret|pass)"
    r"|^(?:password|passwort|passwd|pass|pwd|pw|contraseña|mot de passe|kennwort|senha|wachtwoord|secret|token|string"
    r"|str"
    r"|bytes|text|none|null|nil|undefined|true|false|required|optional|admin|user|username|example|hidden|masked"
    r"|empty|int|integer"
    r"|bool|boolean|any|object|value|key|test|field|input|varchar.*|char.*|self|this|not|secretstr|invalid|incorrect"
    r"|wrong"
    r"|missing|expired|reset|forgotten|hashed|encrypted|plain|plaintext|bearer|basic)\W*$"
    r"|^(?:os\.|process\.env|env[.\[(]|getenv|config[.\[(]|settings[.\[]|self\.|this\.|args\.|request\.|req\.|ctx\."
    r"|secrets\."
    r"|vault\.|options\.|params\.|https?://)"
    r"|\s(?:password|passwort)\b|\b(?:must|should|characters|please|at least|incorrect|invalid|required)\b"
)
_CODE = re.compile(
    r"[A-Za-z_.]{3,}[(\[]|\(\)|^\{|\}$|^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$|^&|^/|^\(?[a-z_]+\)?$|^\([a-z_]+\b"
)
_OTHER_NAME = re.compile(
    r"(?:page|next|cursor|continuation|sort|primary|foreign|partition|public|index|cache|map|dict|hot|max|min|num|total"
    r"|stop|eos|bos|pad|unk|mask|count|per|lookup|object|s3|row|config|field|json)[_\- ]?\Z"
)
_OTHER_TAIL = re.compile(
    r"[_\- ]?(?:s\b(?!\")|s?[_\- ]?(?:type|count|limit|ids?\b|length|len\b|size|name|hint|policy|field|label|file|path"
    r"|url|uri|expir|ttl|age\b|usage|index|reset|strength|manager|history|min\b|max\b|vault|env\b|ref\b|version|format"
    r"|algorithm|rotation|prefix|must|should|protect|based|less|class|prompt))|izer|iz|isation|board|word\b|stroke|note|frame"
    r"|point|ed\b|ary\b"
)
_PLAIN = re.compile(
    r"[A-Za-zÀ-ɏ]+|[\d.,:/\- ]+|v?\d+(?:\.\d+)+|\d{4}-\d\d-\d\d.*|[a-z]+(?:[_\-./][a-z]+)+(?:[_\-]?\d{1,4})?"
    r"|_?[A-Z0-9]+(?:_[A-Z0-9]+)+|[a-z]+(?:[_\-:./][a-z0-9]{1,10})+"
    r"|[a-z]+\d{0,3}[a-z]*(?:[_\-./][a-z]+\d{0,3}[a-z]*)+|(?:[A-Z]{1,2}[a-z]{2,}\d{0,3})+"
)
_MARK = re.compile(r"[\d!@#$%^&*+=_~?§€£]")
_WEAK_NAMES = ("pass", "pw", "clave", "mdp")


def find_passwords(text: str, lower: str) -> Iterator[Span]:
    """Values that a telling word introduces; ``lower`` is the text in lower case, as long as the text."""
    yield from _told(text, lower, _PASSWORD, _is_password, _DIRECT_PASSWORD)
    yield from _told(text, lower, _KEY, _is_key, _DIRECT_KEY)
    if "PIN" in text:
        for match in _PIN.finditer(text):
            yield Span(*match.span("value"), "SECRET")
    has_option = " -" in text and any(option in text for option in _OPTIONS)
    for match in _COMMAND.finditer(text) if has_option else ():
        if _is_password(match["value"], quoted=False, told=True):
            yield Span(*match.span("value"), "SECRET")
    for word in _LOGIN.finditer(lower) if "/" in text else ():
        login = _LOGIN_VALUE.match(text, word.end())
        if login and lower[word.start() - 1 : word.start()] != "/":
            value = login["value"]
            if re.search(r"[A-Za-z]", value) and _MARK.search(value) and _is_password(value, quoted=False):
                yield Span(*login.span("value"), "SECRET")


def _told(
    text: str,
    lower: str,
    names: dict[str, str],
    judge: Callable[..., bool],
    direct: re.Pattern[str],
) -> Iterator[Span]:
    for stem, pattern in names.items():
        if stem not in lower:
            continue
        end = 0
        for name in re.finditer(pattern, lower):
            if name.start() < end or _is_other(lower, name):
                continue
            match = _LINKED_VALUE.match(text, name.end()) or direct.match(text, name.end())
            if match is None:
                continue
            found = match.groupdict()
            if found.get("mark") == "|" and not _TABLE_LINE.search(text, max(0, name.start() - 200), name.start()):
                continue
            if name.group() in _WEAK_NAMES and not found.get("mark"):
                continue
            group = "quoted" if found.get("quote") else "bare"
            value = found[group] if group == "quoted" else found[group].rstrip(".,;:)]}\\*")
            if judge(value, _word(lower, name), quoted=group == "quoted", told=bool(found.get("verb"))):
                end = match.start(group) + len(value)
                if match.end(group) - match.start(group) == _LONGEST:
                    end = _REST.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing, too
                yield Span(match.start(group), end, "SECRET")


def _word(lower: str, name: re.Match[str]) -> str:
    """What the judges go by: "api key" tells as much as "secret", "key" alone much less."""
    if name.group() == "key" and _OF_KEY.search(lower, max(0, name.start() - 18), name.start()):
        return "secret"
    return name.group()


def _is_other(lower: str, name: re.Match[str]) -> bool:
    before = lower[max(0, name.start() - 14) : name.start()]
    return bool(_OTHER_NAME.search(before) or _OTHER_TAIL.match(lower, name.end()))


def _is_password(value: str, name: str = "password", *, quoted: bool, told: bool = False) -> bool:
    """Whether a value after the word password is one, and no type, variable, rule or blank.

    ``told``: a verb stands between them, so that prose such as "is wrong" may follow.
    """
    if not 4 <= len(value) <= 128 or is_made_up(value) or _EMAIL.fullmatch(value):
        return False
    if name in _WEAK_NAMES and not (len(value) >= 6 and _MARK.search(value) and re.search(r"[A-Za-z]", value)):
        return False
    if quoted:
        return not (told and " " in value) and " + " not in value and value == value.strip()
    if re.fullmatch(r"\d{1,3}[\-–/.]\d{1,3}%?|\d+%", value) or (
        _CODE.search(value) and not re.search(r"[!@#$%^&*]", value)
    ):
        return False
    if value.isalpha() and re.search(r"(?i)pass|secret|str$", value):
        return False
    has_mark = bool(_MARK.search(value) or re.search(r"[a-z][A-Z]", value))
    return has_mark or (not told and value.isalpha() and value.islower() and len(value) >= 10)


def _is_key(value: str, name: str = "secret", *, quoted: bool = False, told: bool = False) -> bool:
    """Whether a value after the word key or token looks random."""
    least = 20 if name == "key" else 16 if told else 10
    has_lower, has_upper = re.search(r"[a-z]", value), re.search(r"[A-Z]", value)
    digits = len(re.findall(r"\d", value))
    if len(value) < least or not (has_lower or has_upper) or " " in value:
        return False
    if not digits and not (len(value) >= 20 and has_lower and len(re.findall(r"[A-Z]", value)) >= 4):
        return False
    if name == "key" and (digits < 3 or not re.fullmatch(r"[A-Za-z0-9+/=_\-]+", value)):
        return False
    return not (_PLAIN.fullmatch(value) or (not quoted and _CODE.search(value)) or is_made_up(value))


def is_made_up(value: str) -> bool:
    """Whether a value stands for a secret and is none: a placeholder, a variable, a type, stars."""
    return _MADE_UP.search(value[:100]) is not None
