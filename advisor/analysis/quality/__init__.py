"""How good a candidate is next to the baseline, from pairs of answers."""
