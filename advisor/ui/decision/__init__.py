"""The pages Scenarios, Plan, Report and Watch."""
