"""Charts: values in, a figure and its text alternative out. plotly for the screen, matplotlib for print.

Both libraries are imported by the modules that draw, none by this package, so that a command without charts
does not pay for them. ``colours`` is the one place with colours, ``labels`` with texts, ``rows`` with what is drawn.
"""
