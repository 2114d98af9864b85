"""Codes and numbers into English, for screen, command line, print and PDF: the only place that words results."""
