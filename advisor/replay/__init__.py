"""What to call, calling it, surviving: sampling, planning, the engine, the writer."""
