"""What changes after a decision: prices, new models, trials."""
