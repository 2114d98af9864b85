"""The site of docs/: every page of the app has its page and its picture, and it builds without a broken link."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from advisor.ui.navigation import PAGES
from tests.end_to_end.screenshots import MOST_BYTES
from tests.served import ROOT

DOCS = ROOT / "docs"
TITLES = {Path(path).stem: title for pages in PAGES.values() for path, title, _ in pages}


def test_each_page_of_the_app_has_its_page_and_its_picture() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (DOCS / "screens").glob("*.md")}
    assert texts.keys() == TITLES.keys()
    for name, title in TITLES.items():
        assert texts[name].startswith(f"# {title}\n")
        assert f"]({name}.webp)" in texts[name]
        assert (DOCS / "screens" / f"{name}.webp").stat().st_size < MOST_BYTES


def test_the_navigation_lists_every_document() -> None:
    nav = str(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    listed = re.findall(r"'([\w/]+\.md)'", nav)
    assert sorted(listed) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


@pytest.mark.slow
def test_the_site_builds_without_a_broken_link(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    assert 'src="quality.webp"' in (tmp_path / "site" / "screens" / "quality.html").read_text(encoding="utf-8")
