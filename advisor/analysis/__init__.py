"""Numbers from evidence: intervals, gates, cost, latency, and the decision. No I/O."""
