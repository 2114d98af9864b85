"""A collection of MongoDB as a log, read by pymongo, which is optional."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from advisor.errors import BadInput, StoreError
from advisor.types import Json

_URL = re.compile(r"(mongodb(?:\+srv)?://(?:([^@/]*)@)?([^@/?]+)/([^@/?]+))/([^@/?]+)(\?.*)?")
_ANSWER_MS = 120_000
_DENIED = (13, 18, 8000)
"""Unauthorized, AuthenticationFailed, and Atlas's own code for both."""


def collection_name(url: str) -> str:
    """``hosts/database/collection`` for display. Raises BadInput for a URL that names no collection."""
    return "/".join(_parts(url)[2:5])


def read_collection(url: str) -> Iterator[dict[str, Json]]:
    """Every document of a collection, with times in UTC; raises as ``read_foreign`` does, and without pymongo."""
    name, (address, user, _, database, collection, options) = collection_name(url), _parts(url)
    try:
        from pymongo import MongoClient, errors
    except ImportError:
        raise BadInput("Reading MongoDB needs pymongo. Run `make databases`, which installs it.") from None
    read = 0
    try:
        with MongoClient[dict[str, Json]](
            address + options,
            tz_aware=True,
            datetime_conversion="DATETIME_AUTO",  # those after the year 9999 too
            uuidRepresentation="standard",
            socketTimeoutMS=_ANSWER_MS,
        ) as client:
            for document in client[unquote(database)][unquote(collection)].find():
                read += 1
                yield document
    except (errors.PyMongoError, ValueError, OSError) as error:
        text = re.split(r" \(configured|, Timeout:|, full error:| to execute command", str(error))[0].rstrip(".")
        for hidden in (*user.split(":", 1), *re.findall(r"(?i)(?:password|properties)=([^&]+)", options)):
            text = text.replace(hidden, "***").replace(unquote(hidden), "***") if hidden else text
        if isinstance(error, errors.OperationFailure) and error.code in _DENIED:
            raise BadInput(
                f"{name} can't be read: {text}. Check user, password and authSource in the URL. The user must be "
                "allowed to read the database."
            ) from None
        raise StoreError(
            f"{name} can't be read: {text}{f' ({read:,} documents arrived)' if read else ''}. Nothing was imported. "
            "Check the URL, and that the server runs and accepts connections from here. Then import again.",
            passing=isinstance(error, errors.ConnectionFailure),
        ) from None
    if not read:
        raise BadInput(f"{name} has no documents. Check the names of database and collection; upper case matters.")


def _parts(url: str) -> tuple[str, ...]:
    """The URL without the collection, the user with the password, hosts, database, collection, options."""
    found = _URL.fullmatch(url.strip())
    if found is None:
        raise BadInput(
            "Write the URL like mongodb://USER:PASSWORD@HOST/DATABASE/COLLECTION. In the password, write an @ as %40 "
            "and a / as %2F."
        )
    return found.groups("")
