"""harness.errors: each error says whose it is and leaves with the documented exit code."""

import re
from pathlib import Path

import pytest

from harness import errors
from harness.errors import HarnessError, ProviderError, SandboxError, TransientProviderError, UserError

ROOT = Path(__file__).parent.parent
ALL_ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HarnessError)]


def test_text_is_message_and_hint() -> None:
    """An error's text is what is wrong followed by what to do about it."""
    assert str(UserError("There is no model 'x'.", "Known: y.")) == "There is no model 'x'. Known: y."
    assert str(UserError("There is no model 'x'.")) == "There is no model 'x'."


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_every_exit_code_is_documented(kind: type[HarnessError]) -> None:
    """No error leaves with an exit code that docs/exit-codes.md does not explain."""
    table = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    assert kind.exit_code in {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}


@pytest.mark.parametrize("kind", [kind for kind in ALL_ERRORS if kind is not HarnessError])
def test_every_error_is_in_the_drawn_tree(kind: type[HarnessError]) -> None:
    """The module's docstring draws the whole tree, each error with its exit code."""
    assert re.search(rf"── {kind.__name__} +{kind.exit_code} ", errors.__doc__ or "")


def test_provider_and_sandbox_errors_carry_a_stable_reason() -> None:
    """A failure's reason is a word that scripts may rely on, apart from the message."""
    assert ProviderError("No.", reason="bad_request").reason == "bad_request"
    assert SandboxError("No.", reason="container_killed").reason == "container_killed"


def test_the_providers_own_wish_to_wait_is_kept() -> None:
    """A transient error knows how long the provider asked to be left alone, or that it did not say."""
    assert TransientProviderError("Slow down.", retry_after=1.5).retry_after == 1.5
    assert TransientProviderError("Slow down.").retry_after is None
