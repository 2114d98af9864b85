"""A step of a load test."""

from advisor.types import LoadStep, Times

STEP = LoadStep(
    concurrency=1,
    calls=100,
    failed=0,
    wall_s=50.0,
    requests_per_s=2.0,
    output_tokens_per_s=200.0,
    goodput_per_s=2.0,
    times=Times(ttft_p50_s=0.1, ttft_p95_s=0.2, latency_p50_s=0.5, latency_p95_s=0.7),
    tpot_p50_s=0.01,
    loop_lag_p99_s=0.001,
    within_limits=True,
)
