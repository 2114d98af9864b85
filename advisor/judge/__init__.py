"""Endpoints, facts of a run, scores, judges, reviews, rubrics and checks."""
