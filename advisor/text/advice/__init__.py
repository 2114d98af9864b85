"""What stands in the way of a move, and what to do next, in words."""
