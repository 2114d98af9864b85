"""The business case and page one of a report in words."""
