"""Files: the native circuit file, tables of results, and parts of circuits as text."""
