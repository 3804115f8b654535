"""What a run will have cost, from the samples that it has drawn so far."""

import math
from dataclasses import dataclass
from decimal import Decimal

from harness.pricing.dollars import rounded
from harness.pricing.tariff import Tariff
from harness.records import Sample

FEWEST = 5
"""Samples before anything is said: the spread of fewer tells little."""

Z = 1.96


@dataclass
class Projection:
    """Costs of samples as they come. `total` is the number of samples of the whole run.

    Mean and spread are kept by Welford's method (Knuth, The Art of Computer Programming 2, 4.2.2).
    """

    total: int
    tariff: Tariff
    spent: Decimal = Decimal(0)
    drawn: int = 0
    unpriced: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, sample: Sample) -> None:
        """Count one more sample; one without usage is left out and said so."""
        if sample.usage is None:
            self.unpriced += 1
            return
        cost = self.tariff.cost(sample.usage, sample.created)
        self.spent += cost
        self.drawn += 1
        step = float(cost) - self.mean
        self.mean += step / self.drawn
        self.squares += step * (float(cost) - self.mean)

    def range(self) -> tuple[float, float] | None:
        """US dollars of the whole run, a 95 % interval; None before there are `FEWEST` samples.

        The normal interval of a total from a sample drawn without replacement (Cochran, Sampling Techniques, 2.8); the
        samples so far are taken for typical of the rest.
        """
        if self.drawn < FEWEST:
            return None
        rest = max(0.0, 1 - self.drawn / self.total)
        error = Z * self.total * math.sqrt(self.squares / (self.drawn - 1) / self.drawn * rest)
        whole = self.total * self.mean
        return max(float(self.spent), whole - error), whole + error

    def __str__(self) -> str:
        """Dollars spent in this session, and dollars that the whole run will come to."""
        if not self.drawn:
            return ""
        least = ">=" if self.unpriced else ""
        spent = f"{least}{rounded(self.spent)} spent"
        between = self.range()
        return f"{spent}, {least}{rounded(between[0])} to {rounded(between[1])} in all" if between else spent
