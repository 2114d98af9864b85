"""The store: the only importer of SQLAlchemy. Questions are asked as functions, one module per word of the design."""

from advisor.store.engine import Store

__all__ = ["Store"]
