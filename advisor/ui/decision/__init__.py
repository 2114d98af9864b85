"""The pages Routing, Plan, Report and Watch."""
