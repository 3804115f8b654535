"""Files of samples that other tools write, and those that they read."""
