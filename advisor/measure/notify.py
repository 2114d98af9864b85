"""Tells whoever started a run that it ended: a POST to an address of theirs, where ``ADVISOR_WEBHOOK_URL`` is set.

Best effort: what goes wrong is said on stderr and never breaks a run. The address is a secret, like a key: it is
neither stored nor shown. No text of a prompt, of an answer or of an error is sent.
"""

import asyncio
import html
import json
import sys
import threading
import urllib.request
from email.message import Message
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from advisor.errors import AdvisorError, BadInput
from advisor.llm.hosts import check_resolved
from advisor.measure.studies import describe_run
from advisor.settings import secret
from advisor.store import Store
from advisor.store.run.runs import get_run
from advisor.store.studies import get_study
from advisor.text.progress import RUN_ENDS, run_ended
from advisor.types import Json, Run

VARIABLE = "ADVISOR_WEBHOOK_URL"
TIMEOUT_S = 5.0
_TOLD = ("run", "status", "planned", "succeeded", "failed", "cost_usd")


def tell_end(store: Store, before: Run) -> None:
    """Tell how a run ended, if an address is set and it had not ended ``before``. Never raises."""
    try:
        url = secret(VARIABLE)
        run = get_run(store, before.id) if url else before
        if url is None or run.state.status not in RUN_ENDS or before.state.status in RUN_ENDS:
            return
        why = _post_in_time(url, _message(store, run))
    except AdvisorError as error:
        why = str(error)
    if why is not None:
        print(f"Couldn't post to {VARIABLE} that run id {before.id} ended: {why}", file=sys.stderr, flush=True)


def _message(store: Store, run: Run) -> dict[str, Json]:
    described = describe_run(store, run)
    told: dict[str, Json] = {"study": get_study(store, run.study_id).name} | {key: described[key] for key in _TOLD}
    return told | {
        "text": html.escape(run_ended(run, told["study"], told), quote=False)
    }  # chats read <...> as a command


def _post_in_time(url: str, message: dict[str, Json]) -> str | None:
    """What went wrong, if anything did.

    The time is that of the whole exchange: a socket's own restarts with every byte, and looking up a host has none.
    """
    why: list[str | None] = []
    thread = threading.Thread(target=lambda: why.append(_post(url, message)), name="webhook", daemon=True)
    thread.start()
    thread.join(TIMEOUT_S)
    return why[0] if why else f"it took longer than {TIMEOUT_S:g} s."


def _post(url: str, message: dict[str, Json]) -> str | None:
    """As above. No message of an error is passed on, since some quote the address."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            return "the address must begin with http:// or https://."
        asyncio.run(check_resolved(parts.hostname or ""))
        headers = {"Content-Type": "application/json", "User-Agent": "migration-advisor"}
        request = urllib.request.Request(url, json.dumps(message).encode(), headers)  # noqa: S310 - the scheme is checked
        with urllib.request.build_opener(_Straight).open(request, timeout=TIMEOUT_S):
            return None
    except BadInput:
        return "it is a link-local or cloud metadata address, which ADVISOR_ALLOW_ADDRESSES doesn't list."
    except HTTPError as error:
        error.close()
        return f"it answered with HTTP status {error.code}."
    except URLError as error:
        return f"can't reach it ({type(error.reason).__name__})."
    except Exception as error:
        return f"can't use the address ({type(error).__name__})."


class _Straight(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else than it was told to."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Refuse: the redirect is an error."""
