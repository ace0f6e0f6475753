"""What the measurements share: networks, contests between simulators, tables."""
