"""What stands behind each page, one module a page."""
