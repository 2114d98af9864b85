"""Where a record keeps a call and what stands around it."""
