"""The editor of own equations: text, parameters, and a preview of what they do."""
