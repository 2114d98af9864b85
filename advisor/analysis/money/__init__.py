"""Costs, bills and traffic in numbers."""
