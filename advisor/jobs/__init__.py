"""What the worker claims, and whole studies in one go."""
