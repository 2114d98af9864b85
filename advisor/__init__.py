"""Migration Advisor: can an open-weight model take over a team's closed-API calls, use case by use case?

The way of the data, one call with typed values per arrow::

    log file -> ingest -> Samples -> store -> replay (llm) -> Generations -> scoring -> Scores
             -> analysis -> Recommendation -> plan -> report.pdf

Who may import whom (tests/test_layers.py fails on any other arrow)::

    types, errors, settings                                 imported by all
    ingest  llm  catalog  scoring  analysis  store  charts  leaves: import nothing else of ours
    replay   -> llm, catalog, scoring, analysis, store
    report   -> analysis, catalog, charts
    study    -> ingest, catalog, scoring, analysis, store, replay, report, llm
    cli, worker -> study
    ui       -> study, store, charts, analysis
    pages, app -> ui
"""
