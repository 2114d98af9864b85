"""One answer, or a pair, in; scores out. Judge calls are built and read here, and sent elsewhere."""
