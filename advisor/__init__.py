"""Migration Advisor: can an open-weight model take over a team's closed-API calls, use case by use case?

The way of the data, one call with typed values per arrow::

    log file -> ingest -> Samples -> store -> replay (llm) -> Generations -> scoring -> Scores
             -> analysis -> Recommendation -> plan -> report.pdf

Who may import whom (tests/test_layers.py fails on any other arrow)::

    types, errors, settings                                 imported by all
    ingest  llm  catalog  scoring  analysis  store          leaves: import nothing else of ours
    text                                                    codes and numbers into English
    replay   -> llm, catalog, scoring, analysis, store
    charts   -> text
    report   -> analysis, catalog, charts, text
    study    -> ingest, catalog, scoring, analysis, store, replay, report, llm, text
    cli, worker -> study, text
    ui       -> study, store, charts, analysis, text
    pages, app -> ui
"""
