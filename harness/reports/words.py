"""What a comparison means, in words: what was shown, what was not, and what could not have been."""

from harness.scoring.paired import Comparison

METHODS = {"mcnemar": "exact McNemar test", "bootstrap": "sign-flip test, paired bootstrap"}


def points(share: float, *, signed: bool = False) -> str:
    """A share as percentage points: `4.3`, or `+4.3`."""
    return f"{100 * share:{'+' if signed else ''}.1f}"


def in_words(result: Comparison, a: str, b: str, unit: str = "points") -> str:
    """One or two sentences that claim no more than the comparison shows; `unit` is what a hundredth is called."""
    if result.shown:
        ahead, behind = (a, b) if result.difference > 0 else (b, a)
        return f"{ahead} is better than {behind}: chance alone seldom gives a difference like this."
    if result.smallest > 1:
        are = "is" if result.paired == 1 else "are"
        return f"No difference is shown, and none could have been: {_problems(result)} {are} too few to show any."
    return (
        f"No difference is shown; that is not the same as equal. Given how often the two disagree, no difference below "
        f"{points(result.smallest)} {unit} could have been shown by {_problems(result)}, and a true one must be "
        f"{points(min(1.0, result.detectable))} {unit} to be shown four times in five."
    )


def evidence(result: Comparison) -> str:
    """The interval, the p-value and what they rest on."""
    missing = f", {result.unpaired} more without a verdict in one" if result.unpaired else ""
    low, high = points(result.low, signed=True), points(result.high, signed=True)
    return f"95 % interval {low} to {high}, {p_value(result.p_value)}; {METHODS[result.method]} over " + (
        f"{_problems(result)}{missing}"
    )


def p_value(p: float) -> str:
    """`p = 0.0041`: two significant digits; below one in ten thousand only that."""
    return f"p = {p:.2g}" if p >= 1e-4 else "p < 0.0001"


def _problems(result: Comparison) -> str:
    return f"{result.paired} problem{'s' if result.paired != 1 else ''}"
