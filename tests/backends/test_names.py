"""Which names mean the same model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.backends.names import same_model

SAME = [
    ("gpt-4o", "gpt-4o"),
    ("gpt-4o", "GPT-4o-2024-08-06"),
    ("openai/gpt-4o", "gpt-4o-2024-08-06"),
    ("gpt-4", "gpt-4-0613"),
    ("gpt-3.5-turbo", "gpt-3.5-turbo-0125"),
    ("gpt-4o-2024-08-06", "gpt-4o"),
    ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
    ("gemini-1.5-pro", "models/gemini-1.5-pro-002"),
    ("gemini-2.5-pro", "gemini-2.5-pro-preview-03-25"),
    ("command-r-plus", "command-r-plus-08-2024"),
    ("meta-llama/llama-3-70b-instruct:free", "meta-llama/llama-3-70b-instruct"),
    ("/srv/models/llama", "/srv/models/llama"),
]
OTHER = [
    ("gpt-4", "gpt-4-turbo-2024-04-09"),
    ("gpt-4", "gpt-4o"),
    ("gpt-4o", "gpt-4o-mini"),
    ("gpt-4-0613", "gpt-4-0314"),
    ("llama-3-8b", "llama-3-70b"),
    ("llama-3-70b-instruct", "llama-3-70b"),
    ("claude-3-opus-20240229", "claude-3-sonnet-20240229"),
    ("gpt-4", "gpt-4-32k"),
    ("tiny", ""),
]


@pytest.mark.parametrize(("asked", "answered"), SAME)
def test_a_snapshot_is_the_same_model(asked: str, answered: str) -> None:
    """A name and its dated snapshot agree, with or without a vendor in front."""
    assert same_model(asked, answered)


@pytest.mark.parametrize(("asked", "answered"), OTHER)
def test_a_sibling_is_another_model(asked: str, answered: str) -> None:
    """A smaller, larger, tuned or differently dated sibling is not the model that was asked for."""
    assert not same_model(asked, answered)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_model_is_itself_whatever_its_name(name: str, other: str) -> None:
    """Every name agrees with itself, and comparing never fails."""
    assert same_model(name, name)
    assert same_model(name, other) in (True, False)
