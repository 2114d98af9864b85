"""The pages Replay, Quality, Cost, Latency and Review."""
