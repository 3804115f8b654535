"""US dollars as text: exactly, where a sum must add up, or rounded for a reader; never zero for what is not zero."""

from decimal import Decimal
from math import floor, log10


def exact(amount: Decimal) -> str:
    """The amount exactly, with two decimals at least: `$5.00`, `$0.00056`."""
    whole, _, cents = f"{amount.normalize():f}".partition(".")
    return f"${whole}.{cents:0<2}"


def rounded(amount: Decimal | float) -> str:
    """To the cent, or where that is too coarse to three digits that count: `$1,234.50`, `$0.0123`, `$0`."""
    value = float(amount)
    if value == 0:
        return "$0"
    digits = 2 if value >= 0.995 or value == round(value, 2) else 2 - floor(log10(value))
    return f"${value:,.{digits}f}"
