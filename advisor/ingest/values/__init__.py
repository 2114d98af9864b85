"""Numbers, times and JSON as logs spell them."""
