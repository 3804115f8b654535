"""Amounts as text: exact where they must add up, rounded for a reader."""

from decimal import Decimal

import pytest

from harness.pricing.dollars import exact, rounded


@pytest.mark.parametrize(
    ("amount", "text"),
    [("5", "$5.00"), ("0.0123400", "$0.01234"), ("1E+2", "$100.00"), ("0", "$0.00"), ("1.5", "$1.50")],
)
def test_dollars_are_written_exactly(amount: str, text: str) -> None:
    """No amount is rounded, and none has fewer than two decimals."""
    assert exact(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0"),
        (40, "$40.00"),
        (0.3, "$0.30"),
        (1.625, "$1.62"),
        (0.012345, "$0.0123"),
        (0.00000123456, "$0.00000123"),
        (0.9999, "$1.00"),
        (12345.6, "$12,345.60"),
    ],
)
def test_dollars_are_exact_to_the_cent_or_to_three_digits(amount: float, text: str) -> None:
    """Small sums keep three digits that count; large ones their cents."""
    assert rounded(amount) == text


def test_what_is_not_zero_never_reads_as_zero() -> None:
    """A thousandth of a cent is told as that: prevents a run that was paid for from looking free."""
    assert rounded(Decimal("0.00001")) == "$0.0000100"
