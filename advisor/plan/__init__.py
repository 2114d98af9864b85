"""What leaves the program: the report and files that repeat or reuse a study."""
