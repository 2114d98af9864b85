"""Traffic, bill, projection, optimizing the current models, hosting, price refresh."""
