"""Logs in a format of one's own: what their columns and turns mean, by names and by values."""
