"""How reviewers agree with the judge and with each other; and reviews as files, out and in."""

import re
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from advisor.analysis.statistics.agreement import MIN_CORRECTED, MIN_KAPPA, MIN_REVIEWS
from advisor.judge.agreement import (
    ENOUGH_SHARED,
    SIDES,
    Agreement,
    Flips,
    ReviewFacts,
    agreement_of_reviewers,
)
from advisor.judge.label_files import LabelImport, import_labels
from advisor.judge.reviews import BlindPair, Queue
from advisor.text import numbers
from advisor.types import Preference, Run, Study
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
    st.caption(f"{numbers.count(len(at), 'review')}, {numbers.period((min(at), max(at)))}.")
    if picked:
        st.caption(
            f"{numbers.count(picked, 'review')} of picked pairs {'is' if picked == 1 else 'are'} excluded: they aren't "
            "a random sample."
        )
    st.markdown("##### With the judge")
    _with_judge(facts)
    st.markdown("##### Between reviewers")
    _between_reviewers(facts)


def offer_files(study: Study) -> None:
    """Every review of the study as a file."""
    st.markdown("Every review of this study with its sample, model and answer digests.")
    stem = re.sub(r"[^\w-]+", "-", study.name).strip("-") or "study"
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
                disabled=not queries_review.has_reviews(study.id),
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


def milestone(pair: BlindPair, judged: tuple[int, int] | None) -> tuple[float, str]:
    """Progress of a queue, 0 to 1, and what the next milestone allows.

    ``judged``: reviewed pairs and all pairs, over all use cases; together they check the judge. None without a judge.
    """
    n, total = judged or (pair.by_anyone, pair.done + pair.left)
    mine = f"{pair.done:,} by you"
    if pair.queue is Queue.TELLING:
        out = pair.done + pair.left
        return (
            pair.done / out,
            f"{pair.done:,} of {numbers.count(out, 'disputed pair')}",
        )
    if judged is None:
        return n / total, f"{n:,} of {numbers.count(total, 'pair')} reviewed, {mine}"
    steps = ((MIN_REVIEWS, "check the judge"), (MIN_CORRECTED, "correct the judge's numbers"))
    for enough, what in steps:
        if n < enough <= total:
            return n / enough, f"{n:,} of {enough} (enough to {what}) · {mine}"
    reached = [what for enough, what in steps if n >= enough]
    return n / total, f"{n:,} of {numbers.count(total, 'pair')} reviewed" + (
        f" (enough to {reached[-1]}) · {mine}" if reached else f" · {mine}"
    )


def judge_sentence(found: Agreement, where: str = "") -> str:
    """How often reviewers and the judge agree; kappa where there are enough pairs."""
    if found.n == 0:
        return f"No pair{where} has both a human review and a judge vote yet."
    said = f"The judge and reviewers agree on {found.same:,} of {numbers.count(found.n, 'pair')}{where}"
    if found.kappa is None:
        return f"{said}, which may be chance: {why_unknown(found, MIN_REVIEWS)}."
    return f"{said}; kappa {_range(found)}."


def reviewers_sentence(names: tuple[str, str], found: Agreement) -> str:
    """How often two reviewers agree."""
    said = f"{names[0]} and {names[1]} agree on {found.same:,} of {numbers.count(found.n, 'pair')}"
    if found.kappa is None:
        return f"{said}, which may be chance: {why_unknown(found, ENOUGH_SHARED)}."
    return f"{said}; kappa {_range(found)}."


def why_unknown(found: Agreement, enough: int) -> str:
    """Why kappa is unknown."""
    missing = enough - found.n
    if missing <= 0:
        return "all votes are the same"
    return f"{numbers.count(missing, 'more pair')} {'is' if missing == 1 else 'are'} needed"


def flips_sentence(flips: Flips) -> str:
    """How often the judge's vote changed with the order."""
    if not flips.pairs:
        return "No pair was judged in both orders."
    share = numbers.percent(flips.flipped / flips.pairs)
    return f"Position bias: its vote changed with the order in {flips.flipped:,} of {flips.pairs:,} pairs ({share})."


def judge_rows(facts: ReviewFacts) -> pd.DataFrame:
    """One row per use case."""
    rows = []
    for name in facts.pairs:
        found, flips = facts.with_judge(name), facts.flips_in(name)
        rows.append(
            {
                "Use case": name,
                "Pairs": found.n,
                "Agree": found.same,
                "Kappa": numbers.UNKNOWN if found.kappa is None else _range(found),
                "Position bias": f"{flips.flipped:,} of {flips.pairs:,}" if flips.pairs else numbers.UNKNOWN,
                "Why unknown": _why_no_kappa(found),
            }
        )
    return pd.DataFrame(rows)


def _why_no_kappa(found: Agreement) -> str:
    """Of one use case: a judge is checked by the reviews of all of them together."""
    if found.kappa is not None:
        return ""
    return "few pairs here; all use cases count together" if found.n < MIN_REVIEWS else why_unknown(found, MIN_REVIEWS)


def confusion_rows(found: Agreement, rows: str, columns: str) -> pd.DataFrame:
    """Counts of what both said: a row per word of the first, a column per word of the second."""
    table = pd.DataFrame(list(found.confusion), columns=[f"{columns}: {SAID[side]}" for side in SIDES])
    table.insert(0, rows, [SAID[side] for side in SIDES])
    return table


def _with_judge(facts: ReviewFacts) -> None:
    if not facts.is_judged:
        st.markdown("No judge has voted on this run yet.")
        return
    pooled = facts.with_judge()
    st.markdown(f"**{judge_sentence(pooled)}** {flips_sentence(facts.flips_in())}")
    if pooled.high is not None and pooled.high < MIN_KAPPA:
        st.warning(
            "The judge contradicts reviewers (kappa below .4). Only human reviews can drive a switch.",
            icon=":material/warning:",
        )
    show_table(
        judge_rows(facts),
        key="agreement_rows",
        alt="How often reviewers and the judge agree, by use case.",
        pinned="Use case",
    )
    st.caption("Kappa is agreement beyond chance, with its 95% CI: 1 is perfect, 0 is guessing. Majority votes count.")
    if pooled.n:
        with st.expander("Votes", icon=":material/grid_on:", key="agreement_confusion"):
            show_table(
                confusion_rows(pooled, "Reviewers", "Judge"),
                key="agreement_confusion_rows",
                alt="Votes of reviewers and the judge, counted against each other.",
            )


def _between_reviewers(facts: ReviewFacts) -> None:
    found = agreement_of_reviewers(facts.reviews)
    if not found:
        st.markdown("No pair has two reviewers yet. Every fifth pair offered is one that someone else has reviewed.")
        return
    for number, (names, agreement) in enumerate(found.items()):
        st.markdown(inline(reviewers_sentence(names, agreement)))
        with st.expander("Votes", icon=":material/grid_on:", key=f"reviewers_confusion_{number}"):
            show_table(
                confusion_rows(agreement, *names),
                key=f"reviewers_confusion_rows_{number}",
                alt="Votes of two reviewers, counted against each other.",
            )


def _range(found: Agreement) -> str:
    """Kappa with its bounds: ".62 (.44 to .80)"."""
    if found.kappa is None or found.low is None or found.high is None:
        return numbers.UNKNOWN
    kappa, low, high = (_two_digits(value) for value in (found.kappa, found.low, found.high))
    return f"{kappa} ({low} to {high})"


def _two_digits(value: float) -> str:
    text = f"{value:.2f}".replace("0.", ".").replace("-", "−")
    return "0" if text in (".00", "−.00") else text
