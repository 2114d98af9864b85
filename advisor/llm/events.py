"""Server-sent events from raw bytes, however they are cut up on the way."""


class EventReader:
    """Feeds on bytes, yields the data of whole events.

    Works on bytes, so a character split between two packets is never decoded half. Takes LF and CRLF line ends;
    comments and every field but ``data`` are skipped.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that ``received`` completes."""
        *lines, self._rest = (self._rest + received).split(b"\n")
        return [data for line in lines if (data := self._take(line)) is not None]

    def end(self) -> list[bytes]:
        """The data of a last event whose closing empty line is missing."""
        completed = self.feed(b"\n\n")
        self._rest = b""
        return completed

    def _take(self, line: bytes) -> bytes | None:
        line = line.removesuffix(b"\r")
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            data, self._data = b"\n".join(self._data), []
            return data
        return None
