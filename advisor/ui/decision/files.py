"""Files: what an engineer runs after the decision, kind by kind."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from advisor.plan.business_case import in_view_of
from advisor.store.studies import mark_shared
from advisor.text.headline import headline
from advisor.text.ready import gateway, load_test, optimization, serving, training
from advisor.types import Report, Study
from advisor.types.deployment import Serving, Trace
from advisor.types.dossier import Export
from advisor.types.ready.optimization import Optimization
from advisor.types.ready.training import Split, Training
from advisor.ui import address, queries
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.decision.report import file_stem
from advisor.ui.server import store
from advisor.ui.state import PART

TITLES = {
    Export.LITELLM: gateway.TITLE,
    Export.DEPLOY: serving.TITLE,
    Export.TRACE: load_test.TITLE,
    Export.FINETUNE: training.CHATS,
    Export.DPO: training.PAIRS,
}


class Kind(NamedTuple):
    """Which files."""

    what: Export
    with_tested: bool = False
    """Train on tested calls too."""


def show(study: Study, report: Report) -> None:
    """The chosen kind: what it is, what it holds for this decision, the download and its files."""
    case = queries.case(study.id, report)
    verdicts.headline(headline(report.recommendation, case))
    report = in_view_of(report, case)
    kinds = {what.value: title for what, title in TITLES.items()}
    what = address.pick(PART, "Files for", kinds, widget=st.segmented_control, required=True)
    KINDS[Export(what)](study, report)


@say_errors()
def _show_gateway(study: Study, report: Report) -> None:
    from advisor.plan.configuration.routes import make_deployment

    deployment = make_deployment(report)
    gaps = [gateway.gap_words(gap) for gap in deployment.gaps]
    _offer(study, report, Kind(Export.LITELLM), (gateway.WHAT, gateway.holds(deployment)), gaps, "5.yaml")


@say_errors()
def _show_serving(study: Study, report: Report) -> None:
    made = models(study.id, report)
    said = (serving.WHAT, serving.holds(made))
    gaps = [serving.serve_gap_words(gap) for gap in made.gaps]
    _offer(study, report, Kind(Export.DEPLOY), said, gaps, "README.md")
    st.header(optimization.TITLE)
    rows = optimization.optimization_rows(cheaper(study.id, report))
    show_table(
        pd.DataFrame(rows, columns=list(optimization.COLUMNS)).map(lambda cell: cell.replace("`", "")),
        key="cheaper",
        alt="What makes a self-hosted model cheaper: effect on this log, quality, and how to switch it on.",
    )
    st.caption(optimization.NOTE)


@say_errors()
def _show_trace(study: Study, report: Report) -> None:
    said = (load_test.WHAT, load_test.holds(trace(study.id)))
    _offer(study, report, Kind(Export.TRACE), said, (), "aiperf.jsonl")


def _show_training(study: Study, report: Report, what: Export) -> None:
    tested = st.toggle(training.TESTED, key="files_tested", help=training.TESTED_HELP)
    _show_examples(study, report, what, with_tested=tested)


@say_errors()
def _show_examples(study: Study, report: Report, what: Export, *, with_tested: bool) -> None:
    made = examples(study.id, report, what, with_tested)
    said = (training.WHAT[made.is_pairs], training.holds(made))
    main = f"{made.sets[0].alias}/train.jsonl" if made.sets and made.sets[0].of(Split.TRAIN) else "README.md"
    if terms := training.warnings(made):
        st.warning("  \n".join(map(inline, [training.TERMS, *terms])), icon=":material/gavel:")
    _offer(study, report, Kind(what, with_tested), said, training.lacks(made), main)


KINDS: Mapping[Export, Callable[[Study, Report], None]] = {
    Export.LITELLM: _show_gateway,
    Export.DEPLOY: _show_serving,
    Export.TRACE: _show_trace,
    Export.FINETUNE: partial(_show_training, what=Export.FINETUNE),
    Export.DPO: partial(_show_training, what=Export.DPO),
}


def _offer(study: Study, report: Report, kind: Kind, said: tuple[str, str], lacks: Sequence[str], main: str) -> None:
    """What a kind is and holds, the archive to download, and its files to read."""
    what, with_tested = kind
    files = archive(study.id, report, what, with_tested)
    with st.container(border=True, key=f"files_{what}"):
        st.markdown(f"**{TITLES[what]}**  \n{inline(said[0])} {inline(said[1])}")
        for line in lacks:
            st.markdown(f":material/info: {inline(line)}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            names = [main, *sorted(name for name in files if name != main)]
            chosen = st.selectbox("Preview", names, key=f"preview_{what}", width=260)
            st.download_button(
                "Download archive",
                data=partial(_zip, study.id, report, kind),
                file_name=f"{file_stem(study.name)}-{what}.zip",
                mime="application/zip",
                on_click=mark_shared,
                args=(store(), study.id),
                type="primary",
                icon=":material/folder_zip:",
                key=f"download_{what}",
            )
        text = files[chosen]
        st.code(text[:MOST_SHOWN], language=None, height=420)  # the colors of a language lack contrast
        if len(text) > MOST_SHOWN:
            st.caption("The beginning of the file.")


MOST_SHOWN = 20_000
"""Characters of a preview."""


@cached(prices=True, most=8, spinner="Making the files ...")
def archive(study_id: int, report: Report, what: Export, with_tested: bool) -> Mapping[str, str]:
    """The files of one of READY by name. Raises AdvisorError."""
    from advisor.plan.configuration.serving import serving_files
    from advisor.plan.exports import READY
    from advisor.plan.trace import trace_files
    from advisor.plan.training.recipes import training_files

    if what is Export.TRACE:
        return trace_files(trace(study_id))
    if what is Export.DEPLOY:
        return serving_files(models(study_id, report), cheaper(study_id, report))
    if what in (Export.FINETUNE, Export.DPO):
        return training_files(examples(study_id, report, what, with_tested))
    return READY[what](store(), queries.study(study_id), report)


@cached(shared=True, most=2, spinner="Reading the log ...")
def trace(study_id: int) -> Trace:
    """The log's traffic. Raises BadInput."""
    from advisor.plan.trace import make_trace

    return make_trace(store(), queries.study(study_id))


@cached(prices=True, most=8)
def models(study_id: int, report: Report) -> Serving:
    """What can be self-hosted. Raises BadInput."""
    from advisor.plan.configuration.served import make_serving

    return make_serving(store(), queries.study(study_id), report)


@cached(prices=True, most=8)
def cheaper(study_id: int, report: Report) -> Optimization:
    """What would make self-hosting cheaper. Raises BadInput."""
    from advisor.plan.configuration.optimization import make_optimization

    study = queries.study(study_id)
    return make_optimization(store(), study, report, models(study_id, report), trace(study_id))


@cached(prices=True, most=4, spinner="Reading the log ...")
def examples(study_id: int, report: Report, what: Export, with_tested: bool) -> Training:
    """What a model is trained on. Raises BadInput."""
    from advisor.plan.training.sets import make_training

    study = queries.study(study_id)
    return make_training(store(), study, report, is_pairs=what is Export.DPO, with_tested=with_tested)


def _zip(study_id: int, report: Report, kind: Kind) -> bytes:
    from advisor.plan.configuration.archive import zipped

    return zipped(archive(study_id, report, *kind))
