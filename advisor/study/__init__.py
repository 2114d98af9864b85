"""The jobs a person asks for, one function each; pages, command line and worker call only these."""
