"""A log file in, Samples out.

``log`` finds out what a file is and ``reading`` streams its rows as Samples; ``readers`` holds one module per format,
``vendors`` one per wire format; ``redaction`` replaces personal data and secrets; ``grouping`` sorts Samples into use
cases; ``same_calls`` tells whether two rows are the same call.
"""
