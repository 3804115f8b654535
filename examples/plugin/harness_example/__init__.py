"""A backend and a suite for harness, as an example of a plug-in."""
