"""Migration Advisor: can an open-weight model take over a team's closed-API calls, use case by use case?

The way of the data, one call with typed values per arrow::

    log file -> ingest -> Samples -> store -> measure (llm) -> Generations -> judge (scoring) -> Scores
             -> decide (analysis) -> Report -> page, command line, PDF

Who may import whom (tests/test_layers.py fails on any other arrow)::

    types, errors, settings                                     imported by all
    ingest  llm  catalog  scoring  analysis  store  text        engines: import nothing else of ours
    collect  money  judge  decide  measure  plan  watch  jobs   slices: engines, and the slices before them
    plan        -> report
    charts      -> text
    report      -> analysis, catalog, charts, text
    cli, worker -> slices, text
    ui          -> slices, store, charts, analysis, text
    pages, app  -> ui

docs/architecture.md tells more, and how to add a reader, a scorer, a provider, a gate, or a page.
"""
