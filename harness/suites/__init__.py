"""Suites: their problems, prompts, extraction of programs from answers."""

from harness.suites.definition import SuiteDefinition
from harness.suites.loading import load_suite
from harness.suites.prompting import Preset
from harness.suites.shelf import load_definition, suite_names
from harness.suites.suite import Suite

__all__ = ["Preset", "Suite", "SuiteDefinition", "load_definition", "load_suite", "suite_names"]
