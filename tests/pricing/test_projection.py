"""What a run will have cost, said while it goes on."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal

from harness.pricing.projection import FEWEST, Projection
from harness.pricing.tariff import Tariff
from harness.records import Sample, Usage

TARIFF = Tariff(input=Decimal(1), output=Decimal(1), source="test", as_of=date(2026, 9, 1), reference="test")


def sample(tokens: int | None) -> Sample:
    """A sample of so many tokens."""
    usage = Usage(input=tokens, output=0) if tokens is not None else None
    return Sample(task_id="a", index=0, usage=usage, created=datetime(2026, 9, 1, tzinfo=UTC))


def test_nothing_is_projected_from_too_few_samples() -> None:
    """Before the fifth sample only what was spent is said, and before the first nothing."""
    projection = Projection(100, TARIFF)
    assert str(projection) == ""
    for _ in range(FEWEST - 1):
        projection.add(sample(1_000_000))
    assert projection.range() is None
    assert str(projection) == "$4.00 spent"
    projection.add(sample(1_000_000))
    assert str(projection) == "$5.00 spent, $100.00 to $100.00 in all"


def test_the_range_narrows_to_what_was_spent() -> None:
    """With every sample the range covers less, and at the end it is the money that the run has cost."""
    dice = random.Random(1)
    sizes = [dice.randint(1, 1_000_000) for _ in range(50)]
    projection, widths = Projection(50, TARIFF), []
    for size in sizes:
        projection.add(sample(size))
        if (between := projection.range()) is not None:
            widths.append(between[1] - between[0])
    low, high = projection.range() or (0.0, 0.0)
    assert abs(low - sum(sizes) / 1e6) < 1e-9
    assert abs(high - sum(sizes) / 1e6) < 1e-9
    assert widths[0] > widths[20] > widths[-1]


def test_the_projected_range_covers_the_truth() -> None:
    """Of 400 runs projected from 20 of 100 samples in random order, about 95 % cost what the range says."""
    dice, covered = random.Random(2), 0
    for _ in range(400):
        sizes = [dice.randint(200_000, 1_000_000) for _ in range(100)]
        projection = Projection(100, TARIFF)
        for size in sizes[:20]:
            projection.add(sample(size))
        low, high = projection.range() or (0.0, 0.0)
        covered += low <= sum(sizes) / 1e6 <= high
    assert 0.91 <= covered / 400 <= 0.98


def test_samples_without_usage_make_it_a_lower_bound() -> None:
    """A sample whose provider reported no usage is not taken for free: the sums say that they are lower bounds."""
    projection = Projection(10, TARIFF)
    for tokens in (1_000_000, None):
        projection.add(sample(tokens))
    assert str(projection) == ">=$1.00 spent"
