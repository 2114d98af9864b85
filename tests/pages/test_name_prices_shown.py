"""Prices of models that no price list has, on the page Prompt log."""

import json
from pathlib import Path

from advisor.collect.imports import ImportOptions, import_logs
from advisor.store import Store
from advisor.store.studies import find_study, list_name_prices
from tests.pages.conftest import Open

PAGE = "pages/log/prompt_log.py"


def test_they_are_set_for_one_model_and_taken_back(open_page: Open, store: Store, tmp_path: Path) -> None:
    rows = [
        {"prompt": f"q{n}", "response": "a", "model": model, "input_tokens": 1000, "output_tokens": 1000}
        for n, model in enumerate(["ours-a", "ours-a", "ours-b"])
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    import_logs(store, "Mine", [path], ImportOptions(redact=False))
    study = find_study(store, "Mine")
    app = open_page(PAGE)
    app.text_input(key=f"unpriced_as_{study.id}_ours-a").set_value("gpt-4o")
    app.button(key=f"unpriced_save_{study.id}_ours-a").click().run()
    assert list_name_prices(store, study.id) == {"ours-a": {"same_as": "gpt-4o"}}
    assert app.text_input(key=f"unpriced_as_{study.id}_ours-b").value == ""
    app.button(key=f"unpriced_save_{study.id}_ours-b").click().run()
    assert "ours-b" not in list_name_prices(store, study.id)
    app.button(key=f"unpriced_forget_{study.id}_ours-a").click().run()
    assert not app.exception
    assert list_name_prices(store, study.id) == {}
    assert app.selectbox(key=f"unpriced_model_{study.id}").options == ["ours-a", "ours-b"]
