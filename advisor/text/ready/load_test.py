"""The traffic for load tools in words."""

import json
import math
import shlex

from advisor.text.numbers import count, listing, percent, shorten
from advisor.text.ready import numbered, readme_of, section
from advisor.text.ready.serving import address_of, repository_of
from advisor.types.deployment import Served, Trace

TITLE = "Traffic trace"
WHAT = "Repeats the log's traffic on your own server with AIPerf or GuideLLM. It holds no text, only times and lengths."


def holds(trace: Trace) -> str:
    """What the trace holds of this log."""
    if trace.repeated is None:
        return "No call of this log has a time and tokens, so there is nothing to repeat."
    hours = trace.calls[-1].at_ms / 3_600_000
    stretch = f", the busiest stretch of {trace.usable:,}" if trace.usable > len(trace.calls) else ""
    are = "is" if trace.left_out == 1 else "are"
    left = f" {count(trace.left_out, 'call')} without time, tokens or success {are} left out." if trace.left_out else ""
    shared = percent(trace.repeated)
    return (
        f"{count(len(trace.calls), 'call')} over {hours:,.1f} hours{stretch}; {shared} of the input came before.{left}"
    )


def readme(trace: Trace, block_tokens: int, served: Served | None) -> str:
    """README.md: what to do in five lines, and what the numbers mean; ``served``: the one model to measure, if any."""
    model, repository, url, at_once = "MODEL", "REPOSITORY", "URL", 64
    hours = trace.calls[-1].at_ms / 3_600_000 if trace.calls else 0.0
    speed = max(math.ceil(hours), 1)
    first = (
        "Serve a model on your GPU. Replace `MODEL` with its name, `URL` with its address without `/v1`, and "
        "`REPOSITORY` with its repository at Hugging Face."
    )
    if served:
        model, repository = served.called.name, repository_of(served)
        url = address_of(served).removesuffix("/v1")
        at_once = min(served.load.at_once or at_once, at_once)
        first = f"Start {served.alias} with the files of Migration Advisor's `export --what deploy`."
    # AIPerf 0.13's --synthesis-speedup-ratio counts a last, shorter block as full, and so refuses repeated prompts
    faster = f"`jq -c '.timestamp = (.timestamp / {speed} | floor)' aiperf.jsonl > faster.jsonl`, then "
    aiperf = [
        *("aiperf", "profile", "--model", model, "--tokenizer", repository, "--url", url),
        *("--endpoint-type", "chat", "--streaming"),
        *("--input-file", "faster.jsonl" if hours else "aiperf.jsonl", "--custom-dataset-type", "mooncake_trace"),
        *("--isl-block-size", str(block_tokens), "--extra-inputs", "ignore_eos:true", "--fixed-schedule"),
    ]
    source = {"kind": "json_file", "path": "guidellm.jsonl"}
    data = json.dumps({"kind": "mooncake", "source": source, "hash_id_block_size": block_tokens})
    guidellm = [
        *("guidellm", "run", "--backend", f"kind=openai_http,target={url}"),
        *("--tokenizer", f"kind=huggingface_auto,model={repository}"),
        *("--profile", f"kind=replay,time_scale={1 / speed:.3g}", "--data", data),
    ]
    steps = (
        first,
        "Install one tool: `pip install aiperf==0.13.0` or `pip install guidellm==0.8.1`.",
        f"With AIPerf, run {faster * bool(hours)}`{shlex.join(aiperf)}`.",
        f"Or with GuideLLM, run `{shlex.join(guidellm)}`. If the server needs a key, add `--api-key` in AIPerf, or "
        "`,api_key=` after the address in GuideLLM.",
        "Upload `profile_export_aiperf.json` (in `artifacts`) or `benchmarks.json` under Cost, Self-hosting.",
    )
    facts = (
        holds(trace),
        *([f"Only these use cases: {listing([*map(shorten, trace.use_cases)])}."] if trace.use_cases else []),
        "`timestamp` counts from the first call, in milliseconds (AIPerf) or seconds (GuideLLM).",
        "`input_length` and `output_length` are tokens as logged. Another model counts differently, and one that "
        "thinks writes more.",
        f"`hash_ids` has one number per {block_tokens} input tokens, the same for prompts that begin alike, so a "
        "prefix cache works as on the log. The tools make up the text.",
        f"To see what one copy can do, repeat the calls without their times, {at_once} at once. In AIPerf, "
        f"`--no-fixed-schedule --concurrency {at_once} --request-count {len(trace.calls)}` replaces "
        f"`--fixed-schedule`. In GuideLLM, use `--profile kind=throughput,max_concurrency={at_once}`.",
    )
    return readme_of(
        trace.study, "traffic trace", numbered(steps), _pace(trace, hours, speed), section("What it holds", facts)
    )


def _pace(trace: Trace, hours: float, speed: float) -> list[str]:
    """How long a replay takes at which speed, as a table; ``speed``: of the commands."""
    if not hours:
        return []
    rows = [("the log's own", 1.0)]
    if speed > 1:
        rows.append(("steps 3 and 4", speed))
    if trace.traffic_share < 1:
        rows.append((f"all traffic (the log holds {percent(trace.traffic_share)})", 1 / trace.traffic_share))
    table = [f"| {load} | {_time(hours / by)} | `time_scale={1 / by:.3g}` | {by:.6g} |" for load, by in rows]
    return [
        "| Load | Takes | GuideLLM | Divisor |",
        "| --- | --- | --- | --- |",
        *table,
        "",
        f"For another load, change `time_scale`, or `{speed}` in `jq`.",
    ]


def _time(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:,.0f} days"
    return f"{hours:,.1f} hours" if hours >= 2 else f"{60 * hours:,.1f} minutes"
