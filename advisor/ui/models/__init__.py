"""The pages Catalog and Candidates."""
