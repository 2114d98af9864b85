"""Files: what an engineer runs after the decision, kind by kind."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import streamlit as st

from advisor.plan.business_case import in_view_of
from advisor.text.ready import gateway, load_test, optimization, serving, training
from advisor.types import Report, Study
from advisor.types.deployment import Deployment, Serving, Trace
from advisor.types.dossier import Export
from advisor.types.ready import Split, Training
from advisor.ui import address, queries
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.decision.report import file_stem, shared
from advisor.ui.server import store
from advisor.ui.state import PART

if TYPE_CHECKING:
    from advisor.plan.exports import Ready

TITLES = {
    Export.LITELLM: gateway.TITLE,
    Export.DEPLOY: serving.TITLE,
    Export.TRACE: load_test.TITLE,
    Export.FINETUNE: training.CHATS,
    Export.DPO: training.PAIRS,
}


def show(study: Study, report: Report) -> None:
    """The chosen kind: what it is, what it holds for this decision, the download and its files."""
    report = in_view_of(report, queries.case(study.id, report))
    kinds = {what.value: title for what, title in TITLES.items()}
    _show(study, report, Export(address.pick(PART, "Files for", kinds, widget=st.segmented_control, required=True)))


@say_errors()
def _show(study: Study, report: Report, what: Export) -> None:
    tested = what in (Export.FINETUNE, Export.DPO) and st.toggle(
        training.TESTED, key="files_tested", help=training.TESTED_HELP
    )
    files, made, cheaper = ready(study.id, report, what, tested)
    if isinstance(made, Training) and (terms := training.warnings(made)):
        st.warning("  \n".join(map(inline, [training.TERMS, *terms])), icon=":material/gavel:")
    _offer(study, what, files, _told(made))
    if cheaper:
        st.header(optimization.TITLE)
        rows = optimization.optimization_rows(cheaper, serving.servers_of(files) or optimization.SERVERS)
        show_table(
            pd.DataFrame(rows, columns=list(optimization.COLUMNS)).map(lambda cell: cell.replace("`", "")),
            key="cheaper",
            alt="What makes a self-hosted model cheaper: effect on this log, quality, and how to switch it on.",
        )
        if any(model.variants for model in cheaper.models):
            st.caption(optimization.NOTE)


class Told(NamedTuple):
    """An archive in words."""

    what: str
    holds: str
    lacks: Sequence[str]
    main: str
    """The file that is shown first."""


def _told(made: Deployment | Serving | Trace | Training) -> Told:
    if isinstance(made, Deployment):
        main = "5.yaml" if made.moves else "gateway.yaml"
        return Told(gateway.WHAT, gateway.holds(made), [gateway.gap_words(gap) for gap in made.gaps], main)
    if isinstance(made, Serving):
        lacks = [serving.serve_gap_words(gap) for gap in made.gaps]
        return Told(serving.WHAT, serving.holds(made), lacks, "README.md")
    if isinstance(made, Trace):
        return Told(load_test.WHAT, load_test.holds(made), (), "aiperf.jsonl")
    main = f"{made.sets[0].alias}/train.jsonl" if made.sets and made.sets[0].of(Split.TRAIN) else "README.md"
    return Told(training.WHAT[made.is_pairs], training.holds(made), training.lacks(made), main)


def _offer(study: Study, what: Export, files: Mapping[str, str], told: Told) -> None:
    """What a kind is and holds, the archive to download, and its files to read."""
    verdicts.headline(told.holds)
    with st.container(border=True, key=f"files_{what}"):
        st.markdown(f"**{TITLES[what]}**  \n{inline(told.what)}")
        for line in told.lacks:
            st.markdown(f":material/info: {inline(line)}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            names = [told.main, *sorted(name for name in files if name != told.main)]
            chosen = st.selectbox("Preview", names, key=f"preview_{what}", width=260)
            st.download_button(
                "Download archive",
                data=partial(shared, study.id, partial(_zip, files)),
                file_name=f"{file_stem(study.name)}-{what}.zip",
                mime="application/zip",
                on_click="ignore",
                type="primary",
                icon=":material/folder_zip:",
                key=f"download_{what}",
            )
        text = files[chosen]
        wraps = chosen.endswith(".md")
        # No language: its colors lack contrast.
        st.code(text[:MOST_SHOWN], language=None, height=420, wrap_lines=wraps)
        if len(text) > MOST_SHOWN:
            st.caption("The beginning of the file.")


MOST_SHOWN = 20_000
"""Characters of a preview."""


@cached(prices=True, shared=True, most=4, spinner="Making the files ...")
def ready(study_id: int, report: Report, what: Export, with_tested: bool) -> "Ready":
    """An archive. Raises AdvisorError."""
    from advisor.plan.exports import make_ready

    return make_ready(store(), queries.study(study_id), report, what, with_tested=with_tested)


def _zip(files: Mapping[str, str]) -> bytes:
    from advisor.plan.exports import zipped

    return zipped(files)
