"""The one place that knows where suites/, sandbox/ and results/published/ lie: in the wheel, or in the checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def asset(*parts: str) -> Path:
    """The path of a shipped folder or file, such as `asset("suites", "smoke")`; it may not exist."""
    shipped = _PACKAGE / "_assets"
    root = shipped if shipped.is_dir() else _PACKAGE.parent
    return root.joinpath(*parts)
