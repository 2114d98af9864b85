"""What a log brought: its calls, groups, use cases, traffic and costs."""
