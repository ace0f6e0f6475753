"""One script per simulator and family of networks, each run in the environment of its simulator."""
