"""Files of samples that other tools write."""
