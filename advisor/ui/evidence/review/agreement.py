"""How reviewers agree with the judge and with each other; and reviews as files, out and in."""

import re
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from advisor.judge.agreement import (
    SIDES,
    Agreement,
    ReviewFacts,
    agreement_of_reviewers,
)
from advisor.judge.label_files import LabelImport, import_labels
from advisor.store.run.reviews import has_reviews
from advisor.text import numbers
from advisor.text.names import bare_name
from advisor.text.scores import agreement_words, kappa_range, why_no_kappa
from advisor.types import Preference, Run, Study
from advisor.ui import queries
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.server import store

SAID = {
    Preference.CANDIDATE: "candidate better",
    Preference.TIE: "equally good",
    Preference.BASELINE: "baseline better",
}


def show(study: Study, run: Run) -> None:
    """Agreement with the judge, by use case and over all, then of reviewers with one another."""
    facts = queries_review.review_facts(study.id, run.id)
    picked = sum(review.picked for review in facts.reviews)
    if not facts.reviews:
        st.markdown("No reviews of these answers yet.")
        return
    at = [review.at for review in facts.reviews]
    made = numbers.count(sum(map(len, facts.made.values())), "review")
    st.caption(f"{made}, {numbers.period((min(at), max(at)))}. Identical answers count as ties and repeats as one.")
    if picked:
        st.caption(
            f"{numbers.count(picked, 'review')} of picked pairs {'is' if picked == 1 else 'are'} excluded: they aren't "
            "a random sample."
        )
    st.markdown("### With the judge")
    _with_judge(facts)
    st.markdown("### Between reviewers")
    _between_reviewers(facts)


def offer_files(study: Study) -> None:
    """Every review of the study as a file."""
    st.markdown("Every review of this study with its sample, model and answer digests.")
    stem = re.sub(r"[^\w-]+", "-", study.name).strip("-") or "study"
    is_empty = not has_reviews(store(), [run.id for run in queries.runs(study.id)])
    with st.container(horizontal=True):
        for suffix, kind, mime in ((".csv", "CSV", "text/csv"), (".jsonl", "JSONL", "application/x-ndjson")):
            st.download_button(
                f"All reviews ({kind})",
                data=partial(queries_review.labels, study.id, suffix),
                file_name=f"{stem}-reviews{suffix}",
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"download_reviews_{kind.lower()}",
                disabled=is_empty,
            )


def take_file(study: Study, run: Run) -> None:
    """Take reviews from such a file into the run that is decided on, and say what became of every row."""
    file = st.file_uploader(
        "Reviews to import",
        type=["csv", "jsonl"],
        key="reviews_file",
        help="A file downloaded here, or from another run with the same samples and models.",
    )
    if file is None or not st.button("Import reviews", key="reviews_import", icon=":material/upload:"):
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"reviews{Path(file.name).suffix.lower()}"
        path.write_bytes(file.getvalue())
        with say_errors():
            taken = import_labels(store(), study, path, run=run)
    (st.warning if taken.rejected else st.success)(import_words(taken, run))
    if taken.rejected:
        show_table(
            pd.DataFrame(taken.rejected, columns=["Row", "Why skipped"]),
            key="reviews_rejected",
            alt="Skipped rows of the file, each with the reason.",
        )


def import_words(taken: LabelImport, run: Run) -> str:
    """What became of the rows of a file, in one line."""
    replaced = f", {taken.replaced:,} of them replacing an earlier review" if taken.replaced else ""
    rejected = f" {numbers.count(len(taken.rejected), 'row')} skipped:" if taken.rejected else ""
    return f"{numbers.count(taken.taken, 'review')} imported into run {run.number}{replaced}.{rejected}"


def judge_sentence(found: Agreement, who: str = "The judge") -> str:
    """How often reviewers and the judge agree; kappa where there are enough pairs."""
    if found.n == 0:
        return f"{who}: no pair has both a human review and a judge vote yet."
    return agreement_words(f"{who} and reviewers", found.same, found.n, found.interval, found.missing)


def judge_rows(facts: ReviewFacts) -> pd.DataFrame:
    """One row per use case."""
    rows = []
    for name in facts.pairs:
        found = facts.with_judge([name])
        rows.append(
            {
                "Use case": name,
                "Reviews": len(facts.made[name]),
                "Judge agrees": f"{found.same:,} of {found.n:,}" if found.n else numbers.UNKNOWN,
                "Kappa": kappa_range(*found.interval) if found.interval else numbers.UNKNOWN,
                "Why unknown": _why_no_kappa(found),
            }
        )
    return pd.DataFrame(rows)


def _why_no_kappa(found: Agreement) -> str:
    """Of one use case: a judge is checked by the reviews of all of them together."""
    if found.kappa is not None:
        return ""
    return "few pairs here; all use cases of a judge count together" if found.missing else why_no_kappa(0)


def confusion_rows(found: Agreement, rows: str, columns: str) -> pd.DataFrame:
    """Counts of what both said: a row per word of the first, a column per word of the second."""
    table = pd.DataFrame(list(found.confusion), columns=[f"{columns}: {SAID[side]}" for side in SIDES])
    table.insert(0, rows, [SAID[side] for side in SIDES])
    return table


def _with_judge(facts: ReviewFacts) -> None:
    if not facts.is_judged:
        st.markdown("No judge has voted on this run yet.")
        return
    panels = facts.panels
    pooled = {judges: facts.with_judge(names) for judges, names in panels.items()}
    for judges, found in pooled.items():
        who = numbers.listing([bare_name(judge) for judge in judges]) if len(panels) > 1 and judges else "The judge"
        st.markdown(f"**{inline(judge_sentence(found, who))}**")
    if any(found.is_contradiction for found in pooled.values()):
        st.warning(
            "The judge contradicts reviewers (kappa below .4). Only human reviews can drive a switch.",
            icon=":material/warning:",
        )
    show_table(
        judge_rows(facts),
        key="agreement_rows",
        alt="How often reviewers and the judge agree, by use case.",
    )
    st.caption("Kappa is agreement beyond chance, with its 95% CI: 1 is perfect, 0 is guessing. Majority votes count.")
    if (every := facts.with_judge(facts.pairs)).n:
        with st.expander("Votes", icon=":material/grid_on:", key="agreement_confusion"):
            show_table(
                confusion_rows(every, "Reviewers", "Judge"),
                key="agreement_confusion_rows",
                alt="Votes of reviewers and the judge, counted against each other.",
            )


def _between_reviewers(facts: ReviewFacts) -> None:
    found = agreement_of_reviewers(facts.reviews)
    if not found:
        st.markdown("No pair has two reviewers yet. Every fifth pair offered is one that someone else has reviewed.")
        return
    for number, (names, each) in enumerate(found.items()):
        st.markdown(inline(agreement_words(" and ".join(names), each.same, each.n, each.interval, each.missing)))
        with st.expander("Votes", icon=":material/grid_on:", key=f"reviewers_confusion_{number}"):
            show_table(
                confusion_rows(each, *names),
                key=f"reviewers_confusion_rows_{number}",
                alt="Votes of two reviewers, counted against each other.",
            )
