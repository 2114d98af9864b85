"""The steps from one version of the schema to the next, each with frozen copies of the formulas of its day.

A step imports nothing from the rest of the program: what is right today may change, what lies in an old database not.
"""
