"""The process that claims and runs jobs; the app starts one and takes it along when it ends."""

import os

from advisor.settings import Settings
from advisor.study.jobs import work
from advisor.study.studies import open_store


def run_worker(settings: Settings, *, parent: int | None) -> None:
    """Work until the parent process (if one is named) is gone."""
    store = open_store(settings)
    try:
        work(store, settings.data_dir, alive=lambda: parent is None or os.getppid() == parent)
    finally:
        store.close()
