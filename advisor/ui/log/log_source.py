"""Where a log comes from: an upload, a path on the server, another tool's database, or the command line."""

import shlex
from dataclasses import dataclass

import streamlit as st

from advisor.collect.sources import EXAMPLE, VARIABLE, is_url_name
from advisor.settings import secret
from advisor.types.studies import UNTOLD, Hints
from advisor.ui import state
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.log import mapping, uploads

SUFFIXES = [
    "jsonl", "json", "ndjson", "csv", "tsv", "txt", "log", "gz", "zip", "parquet", "db", "sqlite", "sqlite3",
    "xlsx", "xls", "ods", "sql", "yaml", "yml", "eval", "traj", "har",
]  # fmt: skip
MAX_UPLOAD_MB = 200
UPLOAD, SERVER, DATABASE = "Upload files", "A path on the server", "A database"
WAYS = {
    UPLOAD: f"Up to {MAX_UPLOAD_MB} MB each. Uploads are deleted after the import.",
    SERVER: "A file, folder or zip archive of any size on the machine that runs this app. Read-only.",
    DATABASE: "PostgreSQL of a LiteLLM proxy or Langfuse 2, a MongoDB collection, or a BigQuery table. Read-only.",
}
"""Each way with its line of help."""
_IN_RED = (
    f"A file that turns red is over {MAX_UPLOAD_MB} MB or has an unsupported type. "
    f"Compress it with gzip, choose *{SERVER}*, or use the command below."
)
"""Behind the question mark: the browser rejects such files without telling the server."""
USUAL_VARIABLES = (EXAMPLE, "LANGFUSE_DATABASE_URL", "DATABASE_URL")


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is to be imported."""

    names: tuple[str, ...]
    """Paths, or ``env:NAME`` for a database."""
    is_uploaded: bool = False


@say_errors()
def choose_source() -> Source | None:
    """Uploaded files, a path or a database; None until there is one."""
    form = state.recall(state.IMPORT_JOB)  # a form of its own after each import: a browser that watches one sends the
    # old choices once more, and would show an empty form beside what the server still believes to be chosen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label, key = "Where is the log?", f"import_way_{form}"
        way = st.segmented_control(label, list(WAYS), default=UPLOAD, required=True, key=key)
        st.caption(WAYS[way or UPLOAD], width="content")
    uploads.sweep()
    if way == SERVER:
        return _on_server()
    return _database() if way == DATABASE else _uploaded()


def show_command(
    name: str,
    source: Source | None,
    columns: dict[str, str] | None = None,
    hints: Hints = UNTOLD,
    *,
    redact: bool | None = None,
    share: float = 1.0,
) -> None:
    """The same import as a command, for logs that are too large for a browser."""
    title = f"Larger than {MAX_UPLOAD_MB} MB, or without a browser"
    with st.expander(title, icon=":material/terminal:"):
        st.caption(f"Copy the log to the server and enter its path (*{SERVER}*), or run this in the app's folder:")
        st.code(command(name, source, columns, hints, redact=redact, share=share), language="bash", wrap_lines=True)
        if redact is None:
            st.caption("Add `--redact` to replace personal data or `--no-redact` to keep it.")


def command(
    name: str,
    source: Source | None,
    columns: dict[str, str] | None,
    hints: Hints = UNTOLD,
    *,
    redact: bool | None,
    share: float,
) -> str:
    """The command that imports the same with the same choices."""
    names = ["PATH/TO/LOG"] if source is None else [_told(each, source) for each in source.names]
    parts = ["python", "-m", "advisor", "import", *names, "--study", name or "NAME OF THE STUDY"]
    if redact is not None:
        parts.append("--redact" if redact else "--no-redact")
    preset = mapping.preset_of(columns) if columns else None
    if preset:
        parts += ["--preset", preset]
    elif columns:
        parts += ["--columns", ",".join(f"{role}={column}" for role, column in columns.items())]
    for hint, told in hints._asdict().items():
        parts += [f"--{hint}", told] if told else []
    if share < 1:
        parts += ["--traffic-share", f"{share:g}"]
    return shlex.join(parts)


def _told(name: str, source: Source) -> str:
    return f"PATH/TO/{name.rpartition('/')[2]}" if source.is_uploaded else name


def _uploaded() -> Source | None:
    files = st.file_uploader(
        "JSON, JSON Lines, CSV, Excel, Parquet, SQLite or SQL dumps, also as gzip or zip, or YAML. "
        "Add all files of a batch at once.",
        type=SUFFIXES,
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        help=_IN_RED,
        key=f"import_files_{state.recall(state.IMPORT_JOB)}",
        on_change=state.end_telling,
    )
    names = tuple(str(uploads.keep_upload(file)) for file in files or [])
    return Source(names=names, is_uploaded=True) if names else None


def _on_server() -> Source | None:
    uploads.check_server_paths()
    example = "/data/logs/prompts.jsonl"
    text = st.text_input("Path on the server", key="import_path", placeholder=example, on_change=state.end_telling)
    return Source(names=(str(uploads.find_on_server(text)),)) if text and text.strip() else None


def _database() -> Source | None:
    there = [name for name in USUAL_VARIABLES if secret(name)]
    name = st.text_input(
        "Environment variable with the database's read-only URL",
        value=there[0] if there else "",
        key="import_variable",
        placeholder=USUAL_VARIABLES[0],
        help="The URL and its password are never stored or shown.",
    ).strip()
    st.caption(" · ".join(f"{usual}: {'set' if usual in there else 'not set'}" for usual in USUAL_VARIABLES))
    if not name:
        return None
    if not is_url_name(name):
        st.error(
            "Enter a variable name that ends in URL. Set it on the server, for example "
            f"`{EXAMPLE}=postgresql://READER:PASSWORD@HOST/litellm`, and restart the app."
        )
        return None
    if not secret(name):
        st.error(f"{inline(name)} isn't set on the server. Set it to the database's URL and restart the app.")
        return None
    return Source(names=(f"{VARIABLE}{name}",))
