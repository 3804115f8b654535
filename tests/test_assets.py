"""harness.assets: shipped folders are found in the wheel first, in the checkout otherwise."""

from pathlib import Path

import pytest

from harness import assets

ROOT = Path(__file__).parent.parent


def test_the_checkout_serves_its_own_folders() -> None:
    """In a checkout the suites are the ones that lie in it."""
    assert assets.asset("suites", "smoke") == ROOT / "suites" / "smoke"


def test_the_wheels_copy_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package carries its assets, those are used and not a folder that happens to lie beside it."""
    (tmp_path / "harness" / "_assets").mkdir(parents=True)
    monkeypatch.setattr(assets, "_PACKAGE", tmp_path / "harness")
    assert assets.asset("suites") == tmp_path / "harness" / "_assets" / "suites"
