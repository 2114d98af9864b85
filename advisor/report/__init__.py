"""The report: one Report value in, a PDF or another file out. Every number is formatted before it meets the template.

``document`` gathers the texts from ``front``, ``evidence``, ``examples``, ``roadmap`` and ``method``; ``pdf`` hands
them to ``template.typ`` as data, never as markup.
"""
