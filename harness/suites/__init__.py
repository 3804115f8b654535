"""Suites: their problems, prompts, extraction of programs from answers."""
