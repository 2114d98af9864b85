"""Intervals, tests and sizes, from numbers alone."""
