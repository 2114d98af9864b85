"""The page Summary."""
