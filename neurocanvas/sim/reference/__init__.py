"""The same circuit, solved by scipy."""
