"""The made-up problem that each language has for its conformance cases: prompt, tests, programs."""

from importlib.resources import files
from typing import Any

import yaml


def made_up(name: str) -> dict[str, Any]:
    """Its `prompt`, its `tests` and its `cases` by name."""
    table = files("harness.languages") / "cases" / f"{name}.yaml"
    return dict(yaml.safe_load(table.read_text(encoding="utf-8"))["programs"])
