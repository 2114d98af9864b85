"""Where a log comes from: an upload, a path on the server, another tool's database, or the command line."""

import shlex
from dataclasses import dataclass

import streamlit as st

from advisor.errors import AdvisorError
from advisor.settings import secret
from advisor.study.sources import EXAMPLE, VARIABLE, is_url_name
from advisor.ui import state, uploads
from advisor.ui.components.text import inline
from advisor.ui.views import mapping

SUFFIXES = [
    "jsonl", "json", "ndjson", "csv", "tsv", "txt", "log", "gz", "zip", "parquet", "db", "sqlite", "sqlite3",
]  # fmt: skip
MAX_UPLOAD_MB = 200
UPLOAD, SERVER, DATABASE = "Upload files", "A path on the server", "A database"
WAYS = {
    UPLOAD: f"From your computer, up to {MAX_UPLOAD_MB} MB each; deleted from here once the import ends.",
    SERVER: "A file, a folder or a zip archive that lies where this app runs, of any size; it is only read.",
    DATABASE: "The PostgreSQL of a LiteLLM proxy or of Langfuse 2, read and never written.",
}
"""Each way with its line of help."""
_IN_RED = (
    f":material/info: If a file **turns red** when you add it, it was not uploaded: it is larger than {MAX_UPLOAD_MB} "
    f"MB, or of no kind that is listed. If it is too large, pack it with gzip or zip; or choose *{SERVER}* above; or "
    "use the command below."
)
"""Always shown, because only the browser knows: it tells the server nothing of a file that it refuses."""
USUAL_VARIABLES = (EXAMPLE, "LANGFUSE_DATABASE_URL", "DATABASE_URL")


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is to be imported."""

    names: tuple[str, ...]
    """Paths, or ``env:NAME`` for a database."""
    is_uploaded: bool = False


def choose_source() -> Source | None:
    """Uploaded files, a path or a database; None until there is one."""
    form = state.recall(state.IMPORT_JOB)  # a form of its own after each import: a browser that watches one sends the
    # old choices once more, and would show an empty form beside what the server still believes to be chosen
    way = st.segmented_control("Where is the log?", list(WAYS), default=UPLOAD, required=True, key=f"import_way_{form}")
    st.caption(WAYS[way or UPLOAD])
    try:
        uploads.sweep()
        if way == SERVER:
            return _on_server()
        return _database() if way == DATABASE else _uploaded()
    except AdvisorError as error:
        st.error(inline(str(error)))
        return None


def show_command(
    name: str,
    source: Source | None,
    columns: dict[str, str] | None = None,
    *,
    redact: bool | None = None,
    share: float = 1.0,
) -> None:
    """The same import as a command, for logs that are too large for a browser."""
    title = f"Larger than {MAX_UPLOAD_MB} MB, or without a browser"
    with st.expander(title, expanded=source is None, icon=":material/terminal:"):
        st.caption(
            f"Put the log on the server and give its path above (*{SERVER}*), or run this there, in the folder of the "
            "app:"
        )
        st.code(command(name, source, columns, redact=redact, share=share), language="bash", wrap_lines=True)
        if redact is None:
            st.caption("Add `--redact` to replace personal data, or `--no-redact` to keep it; one of them is needed.")


def command(
    name: str, source: Source | None, columns: dict[str, str] | None, *, redact: bool | None, share: float
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
    if share < 1:
        parts += ["--traffic-share", f"{share:g}"]
    return shlex.join(parts)


def _told(name: str, source: Source) -> str:
    return f"PATH/TO/{name.rpartition('/')[2]}" if source.is_uploaded else name


def _uploaded() -> Source | None:
    files = st.file_uploader(
        "Log files: JSON, JSON lines, CSV (from Excel: save as CSV), Parquet, SQLite; also packed with gzip or zip. "
        "Add all files of a batch at once.",
        type=SUFFIXES,
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        key=f"import_files_{state.recall(state.IMPORT_JOB)}",
    )
    st.caption(_IN_RED)
    names = tuple(str(uploads.keep_upload(file)) for file in files or [])
    return Source(names=names, is_uploaded=True) if names else None


def _on_server() -> Source | None:
    uploads.check_server_paths()
    text = st.text_input("Path on the server", key="import_path", placeholder="/data/logs/prompts.jsonl")
    return Source(names=(str(uploads.find_on_server(text)),)) if text and text.strip() else None


def _database() -> Source | None:
    there = [name for name in USUAL_VARIABLES if secret(name)]
    name = st.text_input(
        "Name of the environment variable with the database's read-only URL",
        value=there[0] if there else "",
        key="import_variable",
        placeholder=USUAL_VARIABLES[0],
        help="The URL itself, with its password, is never typed in, stored or shown.",
    ).strip()
    st.caption(" · ".join(f"{usual}: {'set' if usual in there else 'not set'}" for usual in USUAL_VARIABLES))
    if not name:
        return None
    if not is_url_name(name):
        st.error(
            "Give the name of a variable that ends in URL. Set one where the app runs, such as "
            f"`{EXAMPLE}=postgresql://READER:PASSWORD@HOST/litellm`, and start the app again."
        )
        return None
    if not secret(name):
        st.error(f"{inline(name)} is not set where the app runs. Set it to the database's URL and start the app again.")
        return None
    return Source(names=(f"{VARIABLE}{name}",))
