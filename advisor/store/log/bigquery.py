"""A table of BigQuery as a log, read by Google's client, which is optional and finds the credentials by itself."""

import re
from collections.abc import Iterator
from contextlib import closing

from advisor.errors import BadInput, StoreError
from advisor.settings import secret
from advisor.types import Json

_URL = re.compile(r"bigquery://([^/?#@]+)/([^/?#@]+)/([^/?#@]+)/?")
_ANSWER_S, _RETRY_S = 120, 60


def table_name(url: str) -> str:
    """``project.dataset.table`` for display. Raises BadInput for a URL that names no table."""
    return ".".join(_parts(url))


def read_table(url: str) -> Iterator[dict[str, Json]]:
    """Every row of a table; raises as ``read_foreign`` does, and without Google's client or credentials."""
    name, (project, dataset, table) = table_name(url), _parts(url)
    try:
        from google.api_core.exceptions import ClientError, GoogleAPIError
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError
        from google.cloud.bigquery import DEFAULT_RETRY, Client, DatasetReference
    except ImportError:
        raise BadInput("Reading BigQuery needs Google's client. Run `make databases`, which installs it.") from None
    retry, read = DEFAULT_RETRY.with_timeout(_RETRY_S), 0
    try:
        with closing(Client(project, AnonymousCredentials() if secret("BIGQUERY_EMULATOR_HOST") else None)) as client:
            found = client.get_table(DatasetReference(project, dataset).table(table), retry, _ANSWER_S)
            for row in client.list_rows(found, retry=retry, timeout=_ANSWER_S):
                read += 1
                yield dict(row)
    except (GoogleAPIError, GoogleAuthError, OSError) as error:
        text = str(*error.args[:1]).rpartition("prettyPrint=false: ")[2].partition("\n")[0].rstrip(".")
        if isinstance(error, DefaultCredentialsError | RefreshError):
            raise BadInput(
                f"{name} can't be read: {text}. Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run "
                "`gcloud auth application-default login`."
            ) from None
        text += f" ({read:,} rows arrived)" if read else ""
        if isinstance(error, ClientError):
            raise BadInput(
                f"{name} can't be read: {text}. Nothing was imported. Check the names, and that your Google account "
                "has the role BigQuery Data Viewer. A view must be saved as a table first."
            ) from None
        raise StoreError(
            f"{name} can't be read: {text}. Nothing was imported. Check your network. Then import again.", passing=True
        ) from None
    if not read:
        raise BadInput(f"{name} has no rows. Check project, dataset and table.")


def _parts(url: str) -> tuple[str, ...]:
    found = _URL.fullmatch(url.strip())
    if found is None:
        raise BadInput("Write the URL like bigquery://PROJECT/DATASET/TABLE.")
    return found.groups()
