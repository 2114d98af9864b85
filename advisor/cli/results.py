"""Commands of results: score, recommend, report, export."""

import argparse
from dataclasses import asdict
from pathlib import Path

from advisor.cli.commands import DONE, IN_PART, Commands, open_study, say
from advisor.types import Json
from advisor.types.dossier import Audience, Export, Paper, Texts
from advisor.types.ready import Split, Training


def add_commands(commands: Commands) -> None:
    """Commands of results: score, recommend, report, export."""
    sub = commands.add("score", _score, "score stored answers again")
    sub.add_argument("--judge", metavar="NAME", help="have this judge vote on every pair it hasn't judged yet")
    sub.add_argument(
        "--audit", type=int, metavar="N", help="have a judge check N answers of each model for refusals and claims"
    )
    sub.add_argument("--labels", metavar="FILE", help="human reviews, in the format of `export --what labels`")
    sub = commands.add("recommend", _recommend, "show the verdicts and the plan")
    sub.add_argument("--margin", type=float, help="acceptable drop in quality, such as 0.05")
    sub.add_argument("--confidence", type=float, help="confidence level, such as 0.95")
    sub = commands.add("report", _report, "write the PDF report")
    sub.add_argument("-o", "--output", required=True, metavar="FILE.pdf")
    sub.add_argument(
        "--audience", choices=[*Audience], default=Audience.FULL, help="board: page one; vp: without details"
    )
    sub.add_argument("--paper", choices=[*Paper], default=Paper.A4)
    _add_texts(sub)
    sub = commands.add("export", _export, "export the report, the plan, results, labels, costs or configuration")
    sub.add_argument("--what", required=True, choices=[*Export], metavar="KIND", help=f"one of {', '.join(Export)}")
    sub.add_argument("-o", "--output", required=True, metavar="FILE")
    sub.add_argument(
        "--train-on-tested",
        action="store_true",
        help="finetune, dpo: train on tested calls too, but for a fifth of all that is held out (done anyway "
        "where there are no others)",
    )
    _add_texts(sub)


def _add_texts(sub: argparse.ArgumentParser) -> None:
    one = sub.add_mutually_exclusive_group()
    one.set_defaults(texts=Texts.FULL)
    for option, texts, told in (
        ("--redacted", Texts.REDACTED, "replace personal data in the prompts and answers that the file shows"),
        ("--safe", Texts.NONE, "leave out prompts, answers and file names; names of use cases and models stay"),
    ):
        one.add_argument(option, action="store_const", dest="texts", const=texts, help=told)


def _score(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.judge.label_files import take_labels
    from advisor.measure.rejudging import score_again

    store, study = open_study(a)
    labels = take_labels(store, study, Path(a.labels)) if a.labels else None
    result = score_again(store, study, judge=a.judge, audit=a.audit)
    result |= {"labels": labels} if labels is not None else {}
    return result, IN_PART if result["partial"] else DONE


def _recommend(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.decide.decisions import decide
    from advisor.plan.business_case import describe_decided

    store, study = open_study(a)
    return describe_decided(store, study, decide(store, study, margin=a.margin, confidence=a.confidence)), DONE


def _report(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.plan.exports import write_pdf

    pages = write_pdf(*open_study(a), Path(a.output), Audience(a.audience), Paper(a.paper), a.texts)
    return {"path": a.output, "pages": pages}, DONE


def _export(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.plan.exports import READY, check_writable, export, make_ready, paid_report, write_whole, zipped

    (store, study), what, path = open_study(a), Export(a.what), Path(a.output)
    if what not in READY:
        return {"path": a.output, "rows": export(store, study, what, path, a.texts)}, DONE
    check_writable(path)
    ready = make_ready(store, study, paid_report(store, study), what, with_tested=a.train_on_tested)
    told: dict[str, Json] = {"path": a.output, "rows": len(ready.files)}
    if isinstance(ready.made, Training):
        told |= _training(ready.made)
    if ready.cheaper:
        told["optimization"] = asdict(ready.cheaper)
    write_whole(path, zipped(ready.files))
    return told, DONE


def _training(training: Training) -> dict[str, Json]:
    """Says the terms and what is missing."""
    from advisor.text.ready.training import lacks, warnings

    for line in (*warnings(training), *lacks(training)):
        say(line)
    sets: list[Json] = [
        {
            "name": each.use_case,
            "model": each.trainee.name,
            "repository": each.trainee.repository,
            **{split.value: len(each.of(split)) for split in Split},
            "learning_curve": [point._asdict() for point in each.curve],
            "needs": [asdict(needs) for needs in each.needs],
            "terms": [terms._asdict() for terms in each.terms],
        }
        for each in training.sets
    ]
    return {"rows": sum(len(each.rows) for each in training.sets), "use_cases": sets}
