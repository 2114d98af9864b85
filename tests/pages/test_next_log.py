"""Adding another log: where it goes, what is asked about it, and what is no longer shown of the one before."""

import json
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.studies import find_study
from advisor.ui.log.log_import import ALL, CURRENT, KEEP, NEW
from advisor.ui.state import MORE, PART
from tests.made.log import call, write_log
from tests.pages.conftest import Open
from tests.pages.test_prompt_log import PAGE, add_another, answer, captions, from_server, keys, markdown

USAGE = "date,model,requests,cost_usd\n2026-01-05,gpt-4o,2000,4.10\n2026-01-06,gpt-4o,3000,6.15\n"
ON_THESE_DAYS = [call(n) | {"timestamp": f"2026-01-0{5 + n % 2}T10:00:{n:02}Z"} for n in range(10)]


def target(app: AppTest) -> str | None:
    return next(radio.value for radio in app.radio if radio.label == "Add the log to")


def import_it(app: AppTest, do_jobs: Callable[[], None]) -> AppTest:
    app.button(key="import_start").click().run()
    do_jobs()
    return app.run()


def test_another_log_makes_a_study_of_its_own_and_is_asked_about_by_itself(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Callable[[], None]
) -> None:
    first, second = (write_log(tmp_path / name, [call(n) for n in range(4)]) for name in ("one.jsonl", "two.jsonl"))
    app = from_server(open_page(PAGE), first)
    answer(app, KEEP, ALL)
    app = from_server(app, second)
    assert app.radio(key="import_redaction").value is app.radio(key="import_share").value is None, "of another file"
    app = from_server(app, first)
    answer(app, KEEP, ALL)
    app = add_another(import_it(app, do_jobs))
    assert "Imported into One" in app.success[0].value
    app = from_server(app, second)
    assert not app.success, "of the log before"
    assert target(app) == NEW
    assert app.radio(key="import_redaction").value is app.radio(key="import_share").value is None

    wanted = from_server(open_page(PAGE, {PART: MORE}), second)
    assert target(wanted) == CURRENT, "the study sent for it"


def test_the_share_of_traffic_is_not_asked_for_where_an_export_tells_it(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Callable[[], None]
) -> None:
    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "usage.csv").write_text(USAGE)
    log = tmp_path / "both" / "calls.jsonl"
    log.write_text("\n".join(map(json.dumps, ON_THESE_DAYS)))
    app = from_server(open_page(PAGE), tmp_path / "both")
    app.radio(key="import_redaction").set_value(KEEP).run()
    assert "import_share" not in keys(app.radio)
    assert "The export sets the share of traffic" in captions(app)
    import_it(app, do_jobs)
    assert find_study(store, "Both").traffic_share == 10 / 5000


def test_an_export_that_came_first_tells_the_share_of_the_log(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Callable[[], None]
) -> None:
    (tmp_path / "usage.csv").write_text(USAGE)
    log = write_log(tmp_path / "calls.jsonl", ON_THESE_DAYS)
    export = from_server(open_page(PAGE), tmp_path / "usage.csv")
    assert "totals by day" in markdown(export)
    assert "5,000 requests and \\$10\\.25 from" in markdown(export)
    alone = import_it(export, do_jobs)
    assert "Totals by day, 5 Jan 2026" in captions(alone)
    app = from_server(alone, log)
    assert target(app) == CURRENT, "it has no log yet"
    app.radio(key="import_redaction").set_value(KEEP).run()
    assert "import_share" not in keys(app.radio)
    import_it(app, do_jobs)
    assert find_study(store, "Usage").traffic_share == 10 / 5000


def test_missing_tools_are_said_once_with_what_to_do(
    open_page: Open, tmp_path: Path, do_jobs: Callable[[], None]
) -> None:
    used = [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}]
    calls = [
        {
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": f"Where is order {n}?"}],
            "response": {"role": "assistant", "content": None, "tool_calls": used},
        }
        for n in range(4)
    ]
    app = from_server(open_page(PAGE), write_log(tmp_path / "agent.jsonl", calls))
    told = "\n".join(item.value for item in [*app.warning, *app.caption])
    assert told.count("volume and cost only") == 1
    assert "can't be replayed" not in told
    assert "Export each request's tools" in told
    answer(app, KEEP, ALL)
    app = import_it(app, do_jobs)
    assert "None of the calls can be replayed" in app.warning[0].value


def test_a_log_of_assorted_questions_leads_to_its_topics_and_says_what_is_unknown_once(
    open_page: Open, tmp_path: Path, store: Store, do_jobs: Callable[[], None]
) -> None:
    subjects = ("Write a python script that counts to", "A recipe for so many people:", "Why is my sql query slow,")
    rows = [f'"{subject} {n}",Sure.,assistant' for n in range(20) for subject in subjects]
    (tmp_path / "mixed.csv").write_text("\n".join(["prompt,response,task", *rows]))
    app = from_server(open_page(PAGE), tmp_path / "mixed.csv")
    answer(app, KEEP, ALL)
    app = import_it(app, do_jobs)
    links = [link.proto.label for link in app.get("page_link")]
    assert "Split into 3 topics" in links
    assert "Costs are unknown" not in captions(app)
    assert {metric.label: metric.value for metric in app.metric}["Failed calls"] == "none marked"
