"""The report: one Report value in, a PDF or another file out. Every number is formatted before it meets the template.

``pdf`` gathers the texts from ``front``, ``evidence``, ``roadmap`` and ``method`` and hands them to ``template.typ`` as
data, never as markup; ``exports`` writes tables.
"""
