"""The pages Prompt log and Use cases."""
