"""The list of models inside litellm's wheel, read as a file: importing litellm takes seconds, and pages ask too."""

import functools
import importlib.util
import json
from pathlib import Path
from typing import Any

LIST = "model_prices_and_context_window_backup.json"


@functools.cache
def model_list() -> dict[str, dict[str, Any]]:
    """Entry by id as litellm spells it; empty where litellm is not installed."""
    spec = importlib.util.find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / LIST
        if path.is_file():
            listed: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            return listed
    return {}
