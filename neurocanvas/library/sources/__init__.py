"""Source kinds: currents and spike trains from outside."""
