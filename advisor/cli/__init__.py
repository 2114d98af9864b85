"""The command line: the same jobs without a browser, one file per slice."""
