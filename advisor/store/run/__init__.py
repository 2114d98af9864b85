"""What a run brought: its samples, answers, scores, reviews and load tests."""
