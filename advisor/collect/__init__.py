"""Importing a log: preview, mapping, redaction, use cases."""
