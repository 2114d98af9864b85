"""The decision as configuration that runs."""
