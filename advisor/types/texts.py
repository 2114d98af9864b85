"""Text that any database takes."""


def clean(text: str) -> str:
    """``text`` as it can be stored: halves of a character joined where both are there, else replaced; no NUL."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "")
