"""Evidence and the decision made from it."""
