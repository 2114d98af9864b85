"""The traffic for load tools in words."""

import json
import math
import shlex

from advisor.text.numbers import count, percent, shorten
from advisor.types.deployment import Trace

TITLE = "Traffic trace"
WHAT = "Repeats the log's traffic on your own server with AIPerf or GuideLLM. It holds no text, only times and lengths."
SERVER = "http://127.0.0.1:8000"


def holds(trace: Trace) -> str:
    """What the trace holds of this log."""
    if trace.repeated is None:
        return "No call of this log has a time and tokens, so there is nothing to repeat."
    hours = trace.calls[-1].at_ms / 3_600_000
    stretch = f", the busiest stretch of {trace.usable:,}" if trace.usable > len(trace.calls) else ""
    left = f" {count(trace.left_out, 'call')} without time, tokens or success left out." if trace.left_out else ""
    shared = percent(trace.repeated)
    return (
        f"{count(len(trace.calls), 'call')} over {hours:,.1f} hours{stretch}; {shared} of the input came before.{left}"
    )


def readme(trace: Trace, block_tokens: int) -> str:
    """README.md: what to do in five lines, and what the numbers mean."""
    aiperf = [
        *(
            "aiperf",
            "profile",
            "--model",
            "MODEL",
            "--tokenizer",
            "REPOSITORY",
            "--url",
            SERVER,
            "--endpoint-type",
            "chat",
            "--streaming",
        ),
        *("--input-file", "aiperf.jsonl", "--custom-dataset-type", "mooncake_trace"),
        *("--isl-block-size", str(block_tokens), "--fixed-schedule"),
    ]
    source = {"kind": "json_file", "path": "guidellm.jsonl"}
    data = json.dumps({"kind": "mooncake", "source": source, "hash_id_block_size": block_tokens})
    guidellm = [
        *("guidellm", "run", "--backend", f"kind=openai_http,target={SERVER}"),
        *("--tokenizer", "kind=huggingface_auto,model=REPOSITORY"),
        *("--profile", "kind=replay,time_scale=1.0", "--data", data),
    ]
    lines = [
        f"# {shorten(trace.study)}: traffic trace",
        "",
        "1. Serve the model on your GPU, for example with the commands of `export --what deploy`. Put its port into "
        "step 3 or 4: 8000 for vLLM, 30000 for SGLang, 8080 for llama.cpp.",
        "2. Install one tool: `pip install aiperf` (0.13.0) or `pip install guidellm` (0.8.1).",
        f"3. AIPerf: `{shlex.join(aiperf)}`.",
        f"4. Or GuideLLM: `{shlex.join(guidellm)}`.",
        "5. Upload `profile_export_aiperf.json` or `benchmarks.json` under Cost, Self-hosting.",
        "",
        "`MODEL` is the name that the server gives the model, `REPOSITORY` its repository at Hugging Face.",
        *(["", pace] if (pace := _pace(trace)) else []),
        "",
        "## What it holds",
        "",
        f"- {holds(trace)}",
        "- `timestamp`: time after the first call, in milliseconds for AIPerf and in seconds for GuideLLM.",
        "- `input_length`, `output_length`: tokens as logged. Another model counts somewhat differently.",
        f"- `hash_ids`: one number per {block_tokens} input tokens. Prompts that begin alike share first numbers, "
        "so a server's prefix cache works as on the log. The tools make up the text. "
        "Where blocks end is estimated from the log's characters per token.",
        "- At the log's own pace a server makes no more tokens than the log asks for. To see what one copy can do, "
        "repeat the calls without their times: `--profile kind=throughput` in GuideLLM.",
    ]
    return "\n".join(lines) + "\n"


def _pace(trace: Trace) -> str:
    """How long a replay takes, and how to speed it up."""
    hours = trace.calls[-1].at_ms / 3_600_000 if trace.calls else 0.0
    if not hours:
        return ""
    told = [f"At the log's pace, a replay takes {_time(hours)}."]
    if hours > 1:
        told.append(f"For at most 1 hour, {_faster(math.ceil(hours))}.")
    if trace.traffic_share < 1:
        by = 1 / trace.traffic_share
        told.append(
            f"The log holds {percent(trace.traffic_share)} of your traffic. For the load of all of it, {_faster(by)}: "
            f"{_time(hours / by)}."
        )
    return " ".join(told)


def _faster(by: float) -> str:
    # AIPerf 0.13's --synthesis-speedup-ratio counts a last, shorter block as full, and so refuses repeated prompts
    times = f"jq -c '.timestamp = (.timestamp / {by:.6g} | floor)' aiperf.jsonl > faster.jsonl"
    return f"set `time_scale={1 / by:.3g}` in GuideLLM, or give AIPerf the file of `{times}`"


def _time(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:,.0f} days"
    return f"{hours:,.1f} hours" if hours >= 2 else f"{60 * hours:,.1f} minutes"
