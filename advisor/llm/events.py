"""Server-sent events from raw bytes, however they are cut up on the way."""

from advisor.llm.sizes import MAX_BODY_BYTES, too_large


class EventReader:
    """Feeds on bytes, yields the data of whole events.

    Works on bytes, so a character split between two packets is never decoded half. Takes LF, CRLF and CR line ends,
    as the standard does; comments and every field but ``data`` are skipped.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._ended_in_cr = False

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that ``received`` completes.

        Raises CallError (INVALID_RESPONSE) where a line goes on without end.
        """
        if self._ended_in_cr or b"\r" in received:
            received = self._with_lf(received)
        *lines, self._rest = (self._rest + received).split(b"\n")
        if len(self._rest) > MAX_BODY_BYTES:
            raise too_large(MAX_BODY_BYTES)
        return [data for line in lines if (data := self._take(line)) is not None]

    def end(self) -> list[bytes]:
        """The data of a last event whose closing empty line is missing."""
        completed = self.feed(b"\n\n")
        self._rest = b""
        return completed

    def _with_lf(self, received: bytes) -> bytes:
        """The same with LF for every line end; where a packet ended in CR, an LF that begins the next belongs to it."""
        if self._ended_in_cr:
            received = received.removeprefix(b"\n")
        self._ended_in_cr = received.endswith(b"\r")
        return received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _take(self, line: bytes) -> bytes | None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            data, self._data = b"\n".join(self._data), []
            return data
        return None
