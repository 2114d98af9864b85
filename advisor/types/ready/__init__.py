"""What is made to be run, besides where calls go (deployment.py)."""
