"""What to call, calling it, surviving: planning, the engine, the writer."""
