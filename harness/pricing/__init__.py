"""Money from tokens."""
