"""Temporary: import advisor.ui.server instead (DESIGN 1 and tests/test_layers.py forbid a module called services)."""

from advisor.ui.server import ensure_worker, settings, store

__all__ = ["ensure_worker", "settings", "store"]
