"""The only importer of streamlit besides the pages: what they share, and what stands behind each of them."""
