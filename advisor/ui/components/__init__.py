"""Parts that several pages show: they take values and return the choice; they never query."""
