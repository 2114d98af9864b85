"""Every sample of a real tool's log, through the real import. The counts were written down by reading the files."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from advisor.collect.imports import import_logs
from advisor.store import Store
from advisor.store.logs import load_sample_facts
from advisor.store.studies import find_study

NO_USAGE = (None, None, None, None, None)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is in one sample, or in several that belong together."""

    files: str
    """Names, parted by spaces."""
    formats: str
    """One for each file."""
    rows: int
    accepted: int | None = None
    """None: all rows."""
    rejected: int = 0
    duplicates: int = 0
    joined: int = 0
    not_replayable: int = 0
    answers: int | None = None
    """None: every accepted row has one."""
    failed: int = 0
    timed: int | None = None
    """Accepted rows with a time; None: all."""
    models: dict[str, int] = field(default_factory=dict)
    """Rows without a model do not count."""
    usage: tuple[int | None, ...] = NO_USAGE
    """Uncached input, read from the cache, written to it, output, and reasoning as a part of it."""

    def __str__(self) -> str:
        return self.files.replace(" ", "+")


CLAUDE = {
    "claude-3-5-haiku-20241022": 3, "claude-3-5-sonnet-20240620": 1, "claude-3-7-sonnet-20250219": 3,
    "claude-haiku-4-5-20251001": 1, "claude-sonnet-4-5-20250929": 2, "claude-sonnet-4-6": 6,
}  # fmt: skip
CLAUDE_USAGE = (3494, 11693, 1745, 2554, 0)
NANO, GPT_4O, GPT_4O_MINI = "gpt-4.1-nano-2025-04-14", "gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18"
LANGFUSE = {"gpt-4.1-2025-04-14": 2, GPT_4O: 2, "gpt-4o": 3}
STORED = {GPT_4O: 3, GPT_4O_MINI: 4}
BEDROCK_GZ = {
    "amazon.nova-lite-v1:0": 1, "amazon.nova-micro-v1:0": 3, "anthropic.claude-3-haiku-20240307-v1:0": 3,
    "apac.amazon.nova-micro-v1:0": 1, "google.gemma-3-27b-it": 1, "jp.anthropic.claude-haiku-4-5-20251001-v1:0": 1,
    "minimax.minimax-m2": 1, "mistral.devstral-2-123b": 1, "us.amazon.nova-micro-v1:0": 1,
    "us.anthropic.claude-opus-4-8": 1, "us.anthropic.claude-sonnet-4-5-20250929-v1:0": 3,
}  # fmt: skip
BEDROCK = BEDROCK_GZ | {"amazon.nova-lite-v1:0": 2, "amazon.titan-text-express-v1": 1}
OTLP = {"gpt-4-0613": 2, GPT_4O: 2, GPT_4O_MINI: 8, NANO: 1}
OTLP_USAGE = (10419, 22, 0, 1281, 6)
OPENROUTER = {
    "anthropic/claude-4.5-sonnet-20250929": 2, "openai/gpt-5-mini-2025-08-07": 1, "qwen/qwen3-30b-a3b-instruct-2507": 1,
}  # fmt: skip
PHOENIX = {
    "babbage:2023-07-21-v2": 1, "gpt-3.5-turbo-0613": 2, "gpt-4-0613": 1, NANO: 1, GPT_4O: 2, GPT_4O_MINI: 7,
}  # fmt: skip
BATCH = {"gpt-4-0613": 1, NANO: 1, GPT_4O: 4, "gpt-4o-mini": 1, GPT_4O_MINI: 12}
BATCH_USAGE = (10951, 2, 0, 1518, 6)
RESPONSES = {"gpt-4o-mini-2024-07-18": 2, "gpt-5.4-2026-03-05": 2}

SAMPLES = (
    Expected(
        files="anthropic_batch_requests.jsonl anthropic_batch_results.jsonl",
        formats="anthropic_batch anthropic_batch",
        rows=19,  # 16 requests with their results, and 3 results of requests that are not there
        joined=16,
        not_replayable=5,  # no prompt (3), an image by URL, code run by the provider
        answers=16,
        failed=3,
        timed=0,
        models=CLAUDE,
        usage=CLAUDE_USAGE,
    ),
    Expected(
        files="anthropic_batch_requests.jsonl",
        formats="anthropic_batch",
        rows=16,
        not_replayable=2,
        answers=0,
        timed=0,
        models={
            "claude-3-5-haiku-20241022": 3,
            "claude-3-5-sonnet-20240620": 1,
            "claude-3-7-sonnet-20250219": 3,
            "claude-haiku-4-5": 1,
            "claude-sonnet-4-5": 2,
            "claude-sonnet-4-6": 6,
        },
    ),
    Expected(
        files="anthropic_batch_results.jsonl",
        formats="anthropic_batch",
        rows=19,
        not_replayable=19,
        answers=16,
        failed=3,
        timed=0,
        models=CLAUDE,
        usage=CLAUDE_USAGE,
    ),
    Expected(
        files="anthropic_messages_pairs.jsonl",
        formats="anthropic_messages",
        rows=16,
        not_replayable=2,
        timed=0,
        models=CLAUDE,
        usage=CLAUDE_USAGE,
    ),
    Expected(
        files="anthropic_stream.sse.txt",
        formats="anthropic_messages",
        rows=1,
        not_replayable=1,
        timed=0,
        models={"claude-sonnet-4-6": 1},
        usage=(21, 0, 0, 13, 0),
    ),
    *(
        Expected(
            files=name,
            formats="azure_apim",
            rows=5,  # 16 pieces
            joined=11,
            models={"gpt-4.1-mini-2025-04-14": 4, "gpt-4o-2024-11-20": 1},
            usage=(78, 0, 0, 131, 0),
        )
        for name in ("azure_apim_llm_log.csv", "azure_apim_llm_log.json")
    ),
    Expected(
        files="azure_openai_diagnostics_requestresponse.jsonl",
        formats="azure_diagnostics",
        rows=3,
        not_replayable=3,
        answers=0,
        models={"gpt-4o": 3},
    ),
    Expected(
        files="bedrock_invocation_log.jsonl",
        formats="bedrock_invocation",
        rows=19,
        not_replayable=2,  # in S3, and without text
        answers=16,
        failed=1,
        models=BEDROCK,
        usage=(49453, 5504, 0, 2393, 0),
    ),
    Expected(
        files="bedrock_20250920T0800_111122223333.json.gz",
        formats="bedrock_invocation",
        rows=17,
        not_replayable=2,
        answers=14,
        failed=1,
        models=BEDROCK_GZ,
        usage=(49437, 5504, 0, 2346, 0),
    ),
    Expected(
        files="bedrock_cloudwatch_insights_export.jsonl",
        formats="bedrock_invocation",
        rows=3,
        models={"mistral.devstral-2-123b": 1, "us.anthropic.claude-sonnet-4-5-20250929-v1:0": 2},
        usage=(956, 5504, 0, 46, 0),
    ),
    Expected(  # the same calls from the console, S3 and CloudWatch
        files=(
            "bedrock_invocation_log.jsonl bedrock_20250920T0800_111122223333.json.gz "
            "bedrock_cloudwatch_insights_export.jsonl"
        ),
        formats="bedrock_invocation bedrock_invocation bedrock_invocation",
        rows=39,
        accepted=19,
        duplicates=20,
        not_replayable=2,
        answers=16,
        failed=1,
        models=BEDROCK,
        usage=(49453, 5504, 0, 2393, 0),
    ),
    Expected(
        files="braintrust_project_logs.jsonl",
        formats="braintrust",
        rows=7,
        answers=6,
        failed=1,
        models={"gpt-4o": 3, "gpt-4o-mini": 4},
        usage=(923, 0, 0, 838, 3),
    ),
    Expected(files="csv_cp1252.csv", formats="table", rows=2, timed=0),
    Expected(files="csv_excel_semicolon_bom_crlf.csv", formats="table", rows=2, models={"gpt-4o": 2}),
    Expected(
        files="csv_messages_json_column.csv",
        formats="table",
        rows=4,
        models={GPT_4O: 1, GPT_4O_MINI: 3},
        usage=(816, 0, 0, 569, 0),
    ),
    Expected(files="csv_messages_python_repr.csv", formats="table", rows=4, answers=3, timed=0),
    Expected(
        files="csv_prompt_response.csv",
        formats="table",
        rows=8,
        answers=7,
        models={NANO: 1, GPT_4O: 2, GPT_4O_MINI: 5},
        usage=(1041, 0, 0, 871, 0),
    ),
    Expected(files="csv_two_rows_per_turn.csv", formats="chat_messages", rows=3, answers=2),  # of 6 turns
    Expected(files="csv_utf16_tab.tsv", formats="table", rows=1, timed=0),
    Expected(
        files="helicone_export.jsonl",
        formats="helicone",
        rows=12,
        not_replayable=1,  # refused by the provider
        answers=11,
        failed=1,
        models={
            "claude-3-5-haiku-20241022": 1,
            "claude-3-7-sonnet-20250219": 1,
            "claude-sonnet-4-5-20250929": 1,
            NANO: 1,
            GPT_4O: 2,
            "gpt-4o-mini": 1,
            GPT_4O_MINI: 5,
        },
        usage=(1072, 1115, 1734, 1867, 6),
    ),
    Expected(
        files="helicone_export_nobody.jsonl",
        formats="helicone",
        rows=2,
        not_replayable=2,
        answers=0,
        models={GPT_4O: 1, GPT_4O_MINI: 1},
        usage=(599, 0, 0, 171, 0),
    ),
    Expected(files="jsonl_pitfalls.jsonl", formats="chat_messages", rows=3, accepted=2, rejected=1, answers=1, timed=0),
    Expected(
        files="langfuse_blob_observations_v2.jsonl",
        formats="langfuse",
        rows=6,
        accepted=2,
        rejected=4,
        models={"gpt-4.1-2025-04-14": 2},
        usage=(140, 0, 0, 44, 0),
    ),
    *(
        Expected(
            files=name,
            formats="langfuse",
            rows=20,
            accepted=7,
            rejected=13,
            models=LANGFUSE,
            usage=(1005, 0, 0, 218, 0),
        )
        for name in (
            "langfuse_events_export.jsonl",
            "langfuse_observations_export.csv",
            "langfuse_observations_export.json",
        )
    ),
    Expected(  # the same seven generations thrice, and two of them once more
        files=(
            "langfuse_events_export.jsonl langfuse_observations_export.csv langfuse_observations_export.json "
            "langfuse_blob_observations_v2.jsonl"
        ),
        formats="langfuse langfuse langfuse langfuse",
        rows=66,
        accepted=7,
        rejected=43,
        duplicates=16,
        models=LANGFUSE,
        usage=(1005, 0, 0, 218, 0),
    ),
    Expected(
        files="langfuse_trace_download_openai_agents.json",
        formats="langfuse",
        rows=5,
        accepted=2,
        rejected=3,
        models={"gpt-4.1-2025-04-14": 2},
        usage=(140, 0, 0, 44, 0),
    ),
    Expected(
        files="langfuse_trace_download_openai_assistants.json",
        formats="langfuse",
        rows=4,
        accepted=1,
        rejected=3,
        models={"gpt-4": 1},
        usage=(49, 0, 0, 40, 0),
    ),
    Expected(
        files="langfuse_trace_download_vertex_tools.json",
        formats="langfuse",
        rows=1,
        models={"gemini-2.5-flash": 1},
        usage=(1200, 0, 0, 15, 0),
    ),
    Expected(files="langfuse_traces_export.jsonl", formats="langfuse_traces", rows=5, not_replayable=5, answers=4),
    Expected(
        files="langsmith_ingest_post_patch.json",
        formats="langsmith",
        rows=1,
        joined=1,
        models={GPT_4O_MINI: 1},
        usage=(9, 0, 0, 9, 0),
    ),
    Expected(
        files="langsmith_runs.jsonl",
        formats="langsmith",
        rows=11,
        accepted=10,
        rejected=1,
        answers=9,
        failed=1,
        models={NANO: 1, "gpt-4o": 1, GPT_4O: 2, GPT_4O_MINI: 6},
        usage=(1050, 0, 0, 880, 0),  # as LangChain counts; its token_usage tells of 2 cached and 6 reasoning tokens
    ),
    Expected(  # the first run is the one of the ingest body
        files="langsmith_ingest_post_patch.json langsmith_runs.jsonl",
        formats="langsmith langsmith",
        rows=12,
        accepted=10,
        rejected=1,
        duplicates=1,
        joined=1,
        answers=9,
        failed=1,
        models={NANO: 1, "gpt-4o": 1, GPT_4O: 2, GPT_4O_MINI: 6},
        usage=(1050, 0, 0, 880, 0),  # as LangChain counts; its token_usage tells of 2 cached and 6 reasoning tokens
    ),
    Expected(
        files="litellm_spendlogs.json",
        formats="litellm",
        rows=14,
        not_replayable=3,  # no text, blacked out, cut
        answers=11,
        failed=1,
        models={"gpt-4-0613": 1, NANO: 1, "gpt-4o": 1, GPT_4O: 4, GPT_4O_MINI: 7},
        usage=(10355, 2, 0, 1106, 6),
    ),
    Expected(
        files="litellm_standard_logging_payload.jsonl",
        formats="litellm",
        rows=7,
        models={"gpt-4o": 1, GPT_4O: 2, GPT_4O_MINI: 4},
        usage=(932, 1, 0, 858, 3),
    ),
    Expected(
        files="litellm_ui_spend_logs_v2.json",
        formats="litellm",
        rows=3,
        models={GPT_4O: 1, GPT_4O_MINI: 2},
        usage=(738, 0, 0, 188, 0),
    ),
    *(
        Expected(
            files=name,
            formats="llm_logs",
            rows=5,
            not_replayable=1,  # begins with a tool's result
            models={GPT_4O_MINI: 5},
            usage=(323, 32, 0, 72, 0),
        )
        for name in ("llm_logs_json_export.json", "llm_logs_v036_turns.db")
    ),
    Expected(
        files="llm_logs_json_export.json llm_logs_v036_turns.db",
        formats="llm_logs llm_logs",
        rows=10,
        accepted=5,
        duplicates=5,
        not_replayable=1,
        models={GPT_4O_MINI: 5},
        usage=(323, 32, 0, 72, 0),
    ),
    Expected(
        files="lmsys_chat_1m.jsonl",
        formats="lmsys",
        rows=2,
        not_replayable=1,  # NAME_1
        timed=0,
        models={"claude-instant-1": 2},
    ),
    Expected(
        files="mlflow_traces.jsonl",
        formats="mlflow",
        rows=6,  # spans
        accepted=3,
        rejected=3,
        answers=2,
        failed=1,
        models={"gpt-4o-mini": 1, GPT_4O_MINI: 2},
        usage=(105, 0, 0, 37, 0),
    ),
    Expected(
        files="openai_agents_trace_ingest.jsonl",
        formats="openai_agents",
        rows=6,
        accepted=3,
        rejected=3,
        not_replayable=3,  # only the ids of the responses
        answers=0,
    ),
    Expected(
        files="openai_batch_input.jsonl openai_batch_output.jsonl openai_batch_errors.jsonl",
        formats="openai_batch openai_batch openai_batch",
        rows=23,  # 21 requests, two of which have no result, and two failures without their request
        joined=20,
        not_replayable=2,
        answers=19,
        failed=3,
        timed=19,
        models=BATCH | {"gpt-3.5-turbo": 2},
        usage=BATCH_USAGE,
    ),
    Expected(
        files="openai_batch_output.jsonl openai_batch_input.jsonl",
        formats="openai_batch openai_batch",
        rows=21,
        joined=19,
        answers=19,
        timed=19,
        models=BATCH | {"gpt-3.5-turbo": 2},
        usage=BATCH_USAGE,
    ),
    Expected(
        files="openai_batch_input.jsonl",
        formats="openai_batch",
        rows=21,
        answers=0,
        timed=0,
        models={
            "gpt-3.5-turbo": 3,
            "gpt-4": 1,
            "gpt-4.1-nano": 1,
            "gpt-4o": 3,
            "gpt-4o-2024-08-06": 1,
            "gpt-4o-mini": 12,
        },
    ),
    Expected(
        files="openai_batch_output.jsonl",
        formats="openai_batch",
        rows=19,
        not_replayable=19,
        models=BATCH,
        usage=BATCH_USAGE,
    ),
    Expected(
        files="openai_batch_errors.jsonl",
        formats="openai_batch",
        rows=3,
        not_replayable=3,
        answers=0,
        failed=3,
        timed=0,
    ),
    Expected(
        files="openai_chat_stream.sse.txt",
        formats="openai_chat",
        rows=1,
        not_replayable=1,
        models={"gpt-3.5-turbo-0125": 1},
    ),
    Expected(
        files="openai_finetune_chat.jsonl",
        formats="chat_messages",
        rows=12,
        not_replayable=1,  # no turn of a user
        timed=0,
    ),
    Expected(files="openai_finetune_dpo.jsonl", formats="fine_tuning", rows=2, timed=0),
    Expected(
        files="openai_responses_list_objects.json openai_responses_input_items.json",
        formats="openai_responses openai_responses",
        rows=4,
        joined=4,
        not_replayable=1,  # goes on from an earlier response
        models=RESPONSES,
        usage=(1162, 0, 0, 98, 0),
    ),
    Expected(
        files="openai_responses_list_objects.json",
        formats="openai_responses",
        rows=4,
        not_replayable=4,
        models=RESPONSES,
        usage=(1162, 0, 0, 98, 0),
    ),
    Expected(
        files="openai_responses_input_items.json",
        formats="openai_responses",
        rows=4,
        not_replayable=4,
        answers=0,
        timed=0,
    ),
    Expected(
        files="openai_responses_pairs.jsonl",
        formats="openai_responses",
        rows=12,
        not_replayable=3,  # code run by the provider, an image by file id, an image by URL
        models={
            GPT_4O: 2,
            GPT_4O_MINI: 3,
            "gpt-5-2025-08-07": 1,
            "gpt-5-mini-2025-08-07": 3,
            "gpt-5.4-2026-03-05": 2,
            "gpt-5.4-mini-2026-03-17": 1,
        },
        usage=(3584, 0, 0, 1883, 832),
    ),
    Expected(
        files="openai_responses_stream.sse.txt",
        formats="openai_responses",
        rows=1,
        not_replayable=1,
        answers=0,  # a search among tools, which the client runs
        models={"gpt-5.4-2026-03-05": 1},
        usage=(234, 0, 0, 36, 0),
    ),
    Expected(
        files="openai_stored_completions_list.json openai_stored_completions_messages.json",
        formats="openai_stored openai_stored",
        rows=7,
        joined=7,
        models=STORED,
        usage=(935, 1, 0, 856, 3),
    ),
    Expected(
        files="openai_stored_completions_list.json",
        formats="openai_stored",
        rows=7,
        not_replayable=7,
        models=STORED,
        usage=(935, 1, 0, 856, 3),
    ),
    Expected(
        files="openai_stored_completions_messages.json",
        formats="openai_stored",
        rows=7,
        not_replayable=7,
        answers=0,
        timed=0,
    ),
    Expected(
        files="openinference_spec_spans.json",
        formats="openinference",
        rows=3,
        models={"babbage:2023-07-21-v2": 1, "gpt-3.5-turbo-0613": 2},
        usage=(519, 0, 0, 60, 0),
    ),
    Expected(
        files="openpipe_export.jsonl",
        formats="openpipe",
        rows=2,
        not_replayable=2,  # a system prompt and no turn of a user
        models={"openpipe:test-content-ft": 1, "openpipe:test-tool-calls-ft": 1},
        usage=(76, 0, 0, 68, 0),
    ),
    Expected(
        files="openrouter_activity.csv",
        formats="openrouter_activity",
        rows=8,
        not_replayable=8,
        answers=0,
        models=OPENROUTER | {"google/gemini-2.5-flash": 2, "openai/gpt-4.1-mini": 1, "openai/gpt-4o-mini": 1},
        usage=(3146, 0, 0, 400, 64),
    ),
    Expected(
        files="openrouter_chat_responses.jsonl",
        formats="openai_chat",
        rows=4,
        models=OPENROUTER,
        usage=(1417, 0, 0, 159, 64),
    ),
    *(
        Expected(  # four of the eight calls of the list are there with their text, whichever file comes first
            files=files,
            formats=formats,
            rows=12,
            accepted=8,
            duplicates=4,
            not_replayable=4,
            answers=4,
            models=OPENROUTER | {"google/gemini-2.5-flash": 2, "openai/gpt-4.1-mini": 1, "openai/gpt-4o-mini": 1},
            usage=(3146, 0, 0, 400, 64),
        )
        for files, formats in (
            ("openrouter_chat_responses.jsonl openrouter_activity.csv", "openai_chat openrouter_activity"),
            ("openrouter_activity.csv openrouter_chat_responses.jsonl", "openrouter_activity openai_chat"),
        )
    ),
    *(
        Expected(files=name, formats="otlp_genai", rows=13, models=OTLP, usage=OTLP_USAGE)
        for name in ("otlp_genai_collector_file.jsonl", "otlp_genai_current.json")
    ),
    Expected(
        files="otlp_genai_collector_file.jsonl otlp_genai_current.json",
        formats="otlp_genai otlp_genai",
        rows=26,
        accepted=13,
        duplicates=13,
        models=OTLP,
        usage=OTLP_USAGE,
    ),
    Expected(
        files="otlp_genai_openllmetry_legacy.json",
        formats="otlp_genai",
        rows=12,
        models=OTLP | {"gpt-4-0613": 1},
        usage=(10389, 0, 0, 1234, 0),
    ),
    *(
        Expected(
            files=name,
            formats="openinference",
            rows=14,
            answers=13,
            failed=1,
            models=PHOENIX,
            usage=(10265, 2, 0, 975, 6),
        )
        for name in ("phoenix_spans.jsonl", "phoenix_spans_rest.json")
    ),
    Expected(
        files="portkey_logs_export.jsonl",
        formats="portkey",
        rows=7,
        not_replayable=1,  # refused by the provider
        answers=6,
        failed=1,
        models={GPT_4O: 2, "gpt-4o-mini": 1, GPT_4O_MINI: 4},
        usage=(922, 1, 0, 838, 3),
    ),
    *(
        Expected(
            files=name,
            formats="promptfoo",
            rows=8,
            answers=7,
            failed=1,
            timed=timed,
            models={"gpt-4o-mini": 8},
            usage=(364, 0, 0, 63, 0),
        )
        for name, timed in (("promptfoo_results.json", 8), ("promptfoo_results.jsonl", 0))
    ),
    Expected(
        files="promptfoo_results.csv",
        formats="promptfoo",
        rows=8,  # two outputs in each of four rows
        not_replayable=4,  # only the name of the prompt
        answers=7,
        failed=1,
        timed=0,
        models={"gpt-4o-mini": 8},
    ),
    Expected(
        files="promptlayer_requests.json",
        formats="promptlayer",
        rows=5,
        models={"gpt-4o": 2, "gpt-4o-mini": 3},
        usage=(903, 0, 0, 834, 0),
    ),
    Expected(files="sharegpt_fastchat.json", formats="sharegpt", rows=3, timed=0),
    Expected(
        files="sharegpt_variants.jsonl",
        formats="sharegpt",
        rows=5,
        not_replayable=1,  # begins in the middle
        timed=0,
    ),
    Expected(
        files="weave_calls.jsonl",
        formats="weave",
        rows=7,
        answers=6,
        failed=1,
        models={"gpt-4o": 1, GPT_4O: 2, GPT_4O_MINI: 4},
        usage=(922, 1, 0, 838, 3),
    ),
    Expected(files="wildchat.jsonl", formats="wildchat", rows=2, models={"gpt-4-0314": 2}),
)


def test_no_sample_is_left_out(shared: Path) -> None:
    named = {name for expected in SAMPLES for name in expected.files.split()}
    there = {path.name for path in (shared / "samples").iterdir() if path.is_file() and path.name != "SOURCES.md"}
    assert there - named == set()


@pytest.mark.parametrize("expected", SAMPLES, ids=str)
def test_what_is_in_a_sample(store: Store, shared: Path, expected: Expected) -> None:
    paths = [shared / "samples" / name for name in expected.files.split()]
    report = import_logs(store, "Mine", paths, redact=False)
    facts = load_sample_facts(store, find_study(store, "Mine").id)
    accepted = expected.rows if expected.accepted is None else expected.accepted
    found = {
        "formats": " ".join(report.formats),
        "rows": report.rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "duplicates": report.duplicates,
        "joined": report.joined,
        "not replayable": report.not_replayable,
        "stored": len(facts),
        "answers": int(facts["has_answer"].sum()),
        "failed": int(facts["error"].notna().sum()),
        "timed": int(facts["at"].notna().sum()),
        "models": dict(sorted(report.models.items())),
        "usage": tuple(report.usage.values()),
    }
    assert found == {
        "formats": expected.formats,
        "rows": expected.rows,
        "accepted": accepted,
        "rejected": expected.rejected,
        "duplicates": expected.duplicates,
        "joined": expected.joined,
        "not replayable": expected.not_replayable,
        "stored": accepted,
        "answers": accepted if expected.answers is None else expected.answers,
        "failed": expected.failed,
        "timed": accepted if expected.timed is None else expected.timed,
        "models": dict(sorted(expected.models.items())),
        "usage": expected.usage,
    }, (Counter(facts["not_replayable"]), [rejection.reason for _, rejection in report.rejections])
    assert report.rows == report.accepted + report.rejected + report.duplicates
    assert (report.first_at is not None) == (expected.timed != 0)


@pytest.mark.parametrize(
    ("name", "calls", "formats"),
    [("wire_openai_chat.jsonl", 649, "openai_chat"), ("wire_anthropic_messages.jsonl", 331, "anthropic_messages")],
)
def test_every_recorded_call_is_accounted_for(store: Store, shared: Path, name: str, calls: int, formats: str) -> None:
    report = import_logs(store, "Mine", [shared / "logs" / name], redact=False)
    assert (report.rows, report.formats) == (calls, [formats])
    assert report.rows == report.accepted + report.rejected + report.duplicates
