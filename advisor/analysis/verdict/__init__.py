"""What follows for one candidate, a use case and a study."""
