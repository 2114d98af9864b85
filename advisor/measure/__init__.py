"""Candidates, run options, quote, replay and load test."""
