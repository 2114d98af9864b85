"""Each file's detected format, what gets joined, and why a file can't be imported."""

from collections import Counter

import pandas as pd
import streamlit as st

from advisor.collect.accounting import METRICS_ONLY
from advisor.collect.previews import ROWS, Look, Looks
from advisor.text import numbers
from advisor.text.imports import OTHER_ROWS
from advisor.text.traffic import export_holds, export_name
from advisor.types import RejectionCode
from advisor.types.codes import CallNote
from advisor.types.prices import TotalSource, add_totals
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline

_SAID = {CallNote.TOOLS_MISSING, CallNote.NOTHING_TO_ANSWER}
_MANY = 0.1
"""The share of rejected rows from which it must not be overlooked."""
PASSED_OVER = "skipped: not a log"


def show_files(looks: Looks, *, is_told: bool = True) -> None:
    """One sentence for one file, unless a person is about to say what it is; a table for several; then what holds."""
    known = [look for look in looks.files if look.format]
    if known and len(looks.files) > 1:
        _table(looks)
    elif known and (is_told or known[0].rows.heard):
        guess = f" Columns: {inline(known[0].guess.replace('`', ''))}." if known[0].guess else ""
        held = f" {inline(_held(known[0]))}." if known[0].totals else ""
        st.markdown(
            f"**{inline(known[0].label)}** detected as: {inline(words_for(known[0].format or ''))}.{guess}{held}"
        )
    _rejected(known)
    _joined(looks)
    _metrics_only(looks)


def choose_left_out(looks: Looks, names: tuple[str, ...]) -> tuple[set[str], bool]:
    """The named files that a person leaves out, and whether every other one can be imported."""
    left_out, is_ready = set(), True
    for name in names:
        looked = [look for look in looks.files if look.name == name]
        bad = [look for look in looked if look.problem and not look.is_found]
        if not looked or (not bad and any(look.format or look.is_left for look in looked)):  # joined to another file
            continue
        for look in bad or looked[:1]:
            st.error(_why_not(look, looks), icon=":material/error:")
        if len(names) > 1:
            label = f"Leave {inline(bad[0].label if bad else looked[0].label)} out and import the others"
            if st.checkbox(label, key=f"leave_out_{name}"):
                left_out.add(name)
                continue
        is_ready = False
    return left_out, is_ready and len(left_out) < len(names)


def _why_not(look: Look, looks: Looks) -> str:
    if look.records and not look.format and any(each.format for each in looks.files):
        return f"{inline(look.label)} has an unknown format. Import it separately to map its columns."
    return inline(look.problem or f"{look.label}: nothing to import.")


def _table(looks: Looks) -> None:
    files = [look for look in looks.files if look.format or look.is_found]
    table = pd.DataFrame(
        {
            "File": [look.label for look in files],
            "Format": [words_for(look.format) if look.format else PASSED_OVER for look in files],
            "In the first rows": [_counts(look) for look in files],
        }
    )
    show_table(table, key="import_files_table", alt="Detected format of each file")
    if looks.more:
        st.caption(f"{numbers.count(looks.more, 'more file')} will be checked during the import.")


def _counts(look: Look) -> str:
    if not look.format:
        return ""
    if look.totals:
        return _held(look)
    told = [numbers.count(look.rows.calls, "call")] if look.rows.calls else []
    told += [numbers.count(look.rows.parts, "row")] if look.rows.parts else []
    if rejected := look.rows.rejected:
        _, code = rejected.most_common(1)[0][0]
        told.append(f"{rejected.total():,} {'skipped' if code is RejectionCode.NOT_A_CALL else 'rejected'}")
    return ", ".join(told) or "nothing to import"


def _held(export: Look) -> str:
    days = [each.day for each in export.totals]
    requests, _, _, usd = add_totals(export.totals)
    return export_holds((min(days), max(days)), requests, usd)


def _rejected(known: list[Look]) -> None:
    """A warning for a file without any usable row; one line for rejected rows of the others."""
    reasons, rows = Counter[tuple[str, RejectionCode]](), 0
    for look in known:
        rejected = look.rows.rejected
        if rejected and not look.rows.calls and not look.rows.parts:
            why, _ = rejected.most_common(1)[0][0]
            st.warning(
                f"{inline(look.label)}: none of the first {numbers.count(rejected.total(), 'row')} can be imported. "
                f"Most common reason: {inline(why)}.",
                icon=":material/warning:",
            )
        else:
            reasons += rejected
            rows += look.rows.calls + look.rows.parts + rejected.total()
    if not reasons:
        return
    told, (reason, code) = f"{reasons.total():,} of the first {rows:,} rows would be", reasons.most_common(1)[0][0]
    why = f"Most common reason: {inline(reason)}."
    if code is RejectionCode.NOT_A_CALL:
        st.caption(f"{told} skipped because they aren't LLM calls (mostly {OTHER_ROWS}). {why}")
    elif reasons.total() > _MANY * rows:
        st.warning(f"{told} rejected. {why}", icon=":material/warning:")
    else:
        st.caption(f"{told} rejected. {why}")


def _joined(looks: Looks) -> None:
    """Which rows get joined into calls, and which parts are missing."""
    if looks.joined:
        which = "these files" if len(looks.files) > 1 else "this file"
        far = "" if looks.is_whole else f" (from the first {ROWS} rows of each file)"
        st.markdown(
            f":material/merge: {numbers.count(looks.joined, 'call')} will be joined from several rows of {which}{far}."
        )
    for name, count in looks.alone.items() if looks.is_whole else ():
        if name not in COUNTERPARTS:
            continue
        has_one = f"{numbers.count(count, 'call')} {'has' if count == 1 else 'have'} only one part in these files"
        if looks.joined:
            st.caption(f"{has_one}: {COUNTERPARTS[name]}.")
        else:
            st.warning(
                f"{has_one}: {COUNTERPARTS[name]}. Add the missing file to this import.",
                icon=":material/splitscreen:",
            )


def _metrics_only(looks: Looks) -> None:
    """Warn if nothing, or only a part, can be replayed, unless it's said of the calls (see understood)."""
    if any(_SAID & account.tally.notes.keys() for account in looks.accounts):
        return
    formats = {look.format for look in looks.files if look.format}
    if formats and (formats <= METRICS_ONLY or (looks.rows.calls and not looks.rows.replayable)):
        why = f": {inline(looks.rows.reason)}" if looks.rows.reason else ""
        st.warning(f"Usable for volume, cost and latency only; can't be replayed{why}.", icon=":material/bar_chart:")
    elif formats & METRICS_ONLY:
        told = ", ".join(words_for(name) for name in sorted(formats & METRICS_ONLY))
        st.caption(f"{inline(told)}: usable for volume, cost and latency; can't be replayed.")
    elif looks.rows.replayable < looks.rows.calls:
        missing = looks.rows.calls - looks.rows.replayable
        st.caption(
            f"{missing:,} of the first {numbers.count(looks.rows.calls, 'call')} can't be replayed "
            f"({inline(looks.rows.reason)}). They still count for volume and cost."
        )


TABLE = "table"
_EXPORTS = frozenset(TotalSource)

WORDS = {
    "agno": "Agno sessions",
    "alpaca": "instructions with their outputs (Alpaca)",
    "anthropic_batch": "Anthropic message batch: requests and results are joined by custom_id",
    "anthropic_messages": "recorded calls of Anthropic's messages API",
    "api_pair": "records that hold a request of some model API, and its response where there is one",
    "autogen": "AutoGen events: other events than calls are skipped",
    "azure_apim": "Azure API Management log: the rows of one call are joined by CorrelationId",
    "azure_diagnostics": "Azure OpenAI diagnostic log: times and models, no texts",
    "bedrock": "recorded calls of AWS Bedrock",
    "bedrock_invocation": "AWS Bedrock model invocation log",
    "braintrust": "Braintrust project log",
    "chatgpt_export": "ChatGPT data export",
    "claude_code": "Claude Code session: the lines of an answer are joined",
    "claude_export": "Claude.ai data export",
    "chat_messages": "chat messages",
    "cloudflare": "Cloudflare AI Gateway log",
    "codex": "Codex session: the lines of a response are joined",
    "cohere": "recorded calls of Cohere's chat API",
    "datadog": "Datadog LLM Observability spans",
    "dify": "Dify messages",
    "fine_tuning": "OpenAI fine-tuning file",
    "flowise": "Flowise chat messages: the messages of a chat are joined",
    "gemini": "recorded calls of Gemini",
    "gemini_batch": "Gemini batch: requests and responses are joined by key",
    "gemini_vertex": "Vertex AI request and response log",
    "har": "HTTP archive (HAR): requests to other hosts are skipped",
    "helicone": "Helicone export",
    "humanloop": "Humanloop logs",
    "inspect_ai": "Inspect AI evaluation log",
    "kong": "Kong AI plugin log",
    "langchain_store": "LangChain message store: the messages of a session are joined",
    "langfuse": "Langfuse observations",
    "langfuse_traces": "Langfuse traces: the application's own input and output, not the model's",
    "langsmith": "LangSmith runs: the start and the end of a run are joined by its id",
    "litellm": "LiteLLM log",
    "llm_logs": "log of the llm command-line tool",
    "lunary": "Lunary runs",
    "lmsys": "LMSYS chat data set",
    "mlflow": "MLflow traces",
    "librechat": "LibreChat conversations: the messages of a conversation are joined",
    "openai_threads": "OpenAI Assistants threads: messages and runs are joined by the thread's id",
    "ollama": "recorded calls of Ollama's API",
    "open_webui": "Open WebUI chats",
    "openai_agents": "OpenAI Agents SDK traces",
    "openai_batch": "OpenAI batch file: input and output lines are joined by custom_id",
    "openai_chat": "recorded calls of OpenAI chat completions",
    "openai_responses": "OpenAI Responses API: a response and its input items are joined by the response's id",
    "openai_stored": "OpenAI stored completions: completions and their messages are joined by the completion's id",
    "openhands": "OpenHands trajectory: the events of a response are joined",
    "openinference": "OpenInference spans (Arize Phoenix)",
    "openpipe": "OpenPipe export",
    "openrouter_activity": "OpenRouter activity: costs, tokens and times, no texts",
    "opik": "Opik spans",
    "otlp_genai": "traces (OpenTelemetry, Jaeger, Zipkin, Application Insights): a call and its events are joined",
    "portkey": "Portkey log export",
    "posthog": "PostHog LLM events",
    "promptfoo": "promptfoo results",
    "promptlayer": "PromptLayer requests",
    "request_metrics": "requests with their tokens, times and costs, no texts",
    "sharegpt": "ShareGPT conversations",
    "swe_agent": "SWE-agent trajectory",
    TABLE: "a table, one call a row",
    "tau_bench": "tau-bench runs",
    "weave": "Weave calls",
    "wildchat": "WildChat data set",
}

COUNTERPARTS = {
    "openai_batch": "the input file of the batch has the prompts, its output file the answers",
    "anthropic_batch": "the requests of the batch have the prompts, its results the answers",
    "gemini_batch": "the input file of the batch has the prompts, its output file the answers",
    "openai_stored": "the list has the answers, the messages of each completion come apart from it",
}
"""Formats that need two files, and which."""


def words_for(format: str) -> str:
    """A format in plain words."""
    if format in _EXPORTS:
        return f"{export_name(TotalSource(format))}, not calls: sets the share of traffic and checks the bill"
    return WORDS.get(format, format.replace("_", " "))
