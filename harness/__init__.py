"""harness: which model writes the best code for the money, and how sure are we?

In Python: `from harness import evaluate, load_suite, open_run, score` (docs/python.md). They are loaded when they are
asked for, so that `import harness` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.api import Result, evaluate, load_suite, open_run, score

__version__ = "0.1.0"

__all__ = ["Result", "__version__", "evaluate", "load_suite", "open_run", "score"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    return getattr(import_module("harness.api"), name)
