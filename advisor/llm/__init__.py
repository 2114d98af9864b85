"""Talking to models: one protocol, several clients, and the built-in model's server.

A client makes one attempt and tells what happened; limits, retries, budgets and prices are its caller's. This package
is the only importer of litellm and openai, and imports them only when a model needs them.
"""
