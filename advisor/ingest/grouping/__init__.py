"""Which calls belong together as one use case, and what to call it."""
