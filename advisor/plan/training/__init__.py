"""Fine-tuning files from the calls of a log."""
