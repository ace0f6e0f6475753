"""What a run leaves: rings of samples with a pyramid each, rings of spikes."""
