"""What people enter on Plan stays, whatever is decided later, and leaves in the file of steps."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

from advisor.collect.use_cases import change
from advisor.decide.decisions import decide, latest_report
from advisor.jobs.sample import TRAFFIC_SHARE, load_sample
from advisor.plan.dossier import dossier_of
from advisor.plan.timeline import steps_csv, timeline
from advisor.report.calendar import tasks_csv
from advisor.report.roadmap import work_rows
from advisor.store.plan_steps import list_plan_steps, list_task_owners, save_plan_step
from advisor.store.studies import list_studies
from advisor.text.plan import LEFT_OUT, plan_sentence
from advisor.types import PlanStep
from advisor.types.reports import Task
from advisor.ui import queries, server
from tests.pages.decided_study import DECIDE, assert_calm, open_page, said, sample_database
from tests.pages.tables import tables


def test_owners_days_and_decisions_outlive_a_decision(tmp_path: Path) -> None:
    report = sample_database(tmp_path / "advisor.db", TRAFFIC_SHARE)
    store = server.store()
    (study,) = list_studies(store)
    name = next(move.use_case for move in report.plan.moves if move.phases)
    (case,) = (case.id for case in queries.use_cases(study.id) if case.name == name)
    save_plan_step(store, case, 5, owner=" =Maya ", starts_on=date(2040, 1, 5))
    save_plan_step(store, case, 5, go=False)
    save_plan_step(store, case, 0, owner="")
    report = decide(store, study)
    entered = list_plan_steps(store, study.id)
    assert entered == {
        (name, 5): PlanStep(owner="=Maya", starts_on=date(2040, 1, 5), go=False),
        (name, 0): PlanStep(),
    }

    at = open_page(DECIDE[1])
    assert_calm(at)
    (rows,) = (table for table in tables(at) if "Shadow · shadow.yaml" in table)
    (step,) = rows.loc[rows["Use case"] == name, "5% · 5.yaml"]
    assert (step.split()[:3], step.splitlines()[1]) == (["5", "Jan", "2040"], "=Maya · No-go")
    assert LEFT_OUT in said(at), "so late they never pay back"

    at.selectbox(key="edited_step").set_value(f"{name} · 25%").run()
    at.text_input(key="plan_Owner").set_value("Noor").run()
    at.button_group(key="plan_Go/no-go").set_value(True).run()
    assert_calm(at)
    edited = list_plan_steps(store, study.id)
    assert edited[name, 25] == PlanStep(owner="Noor", go=True)
    assert [edited[name, percent].owner for percent in (0, 5, 100)] == ["Noor", "=Maya", "Noor"]

    at.session_state["owners"] = True
    at.run()
    assert at.text_input(key=f"plan_owner_{Task.TEST_CHEAPER}").value == "", "the test of the cheaper model comes first"
    move = f"plan_owner_lead_{name}"
    task = next(str(each.key) for each in at.text_input if str(each.key).startswith(f"plan_owner_{Task.REPLACE}"))
    at.text_input(key=task).set_value("Ada").run()
    assert at.text_input(key=move).value == "Noor"
    at.text_input(key=move).set_value("Eve").run()
    assert_calm(at)
    edited = list_plan_steps(store, study.id)
    assert [edited[name, percent].owner for percent in (0, 5, 25, 100)] == ["Eve", "=Maya", "Eve", "Eve"]
    made = dossier_of(store, study)
    (code,) = (task for task, owner in list_task_owners(store, study.id).items() if owner == "Ada")
    assert "Ada" in [each.owner for each in made.schedule.tasks if each.key == code]
    assert [row[3] for row in work_rows(made)].count("Ada") > 0
    assert b",Ada," in tasks_csv(made)

    content = steps_csv(report, timeline(report.plan, date(2039, 12, 1), entered)).decode("utf-8-sig")
    first, second = list(csv.DictReader(io.StringIO(content)))[:2]
    assert (first["Start"], first["End"], second["Start"]) == ("2039-12-19", "2040-01-04", "2040-01-05")
    assert (first["File"], second["File"]) == ("shadow.yaml", "5.yaml")
    assert (second["Owner"], second["Decision"]) == ("'=Maya", "No-go")  # no spreadsheet runs it


def test_owners_of_use_cases_whose_names_begin_alike() -> None:
    store = server.store()
    load_sample(store)
    (study,) = list_studies(store)
    report = latest_report(store, study)
    assert report
    moving = {move.use_case for move in report.plan.moves if move.phases}
    for number, case in enumerate(each for each in queries.use_cases(study.id) if each.name in moving):
        change(store, case, name=f"{'Sorting the mails of customers by what they ask for ' * 2}{number}")
    decide(store, study)

    at = open_page(DECIDE[1])
    at.session_state["owners"] = True
    at.run()
    assert_calm(at)
    alike = [field.label for field in at.text_input if field.label.startswith("Move Sorting the mails")]
    assert len(alike) == len(moving) > len({*alike}) == 1


def test_nothing_stays_where_every_use_case_moves() -> None:
    store = server.store()
    dossier = dossier_of(store, load_sample(store))
    whole = dossier.report.recommendation
    moving = replace(whole, use_cases=tuple(each for each in whole.use_cases if each.target))
    told = plan_sentence(replace(dossier.report, recommendation=moving), dossier.schedule)
    assert "Ticket triage and Thread summary move from" in told
    assert "stay" not in told
