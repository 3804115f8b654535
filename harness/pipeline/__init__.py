"""From a plan to a complete run: generation and execution as one stream over a run directory."""
