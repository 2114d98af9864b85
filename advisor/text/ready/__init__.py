"""What is ready to run, in words: README files of the archives, and the page Files."""
