"""A log file in, Samples out.

``log`` opens a file and streams its rows; ``readers`` holds one module per format; ``redact`` replaces personal
data and secrets; ``usecases`` groups Samples; ``digest`` tells whether two rows are the same call.
"""
