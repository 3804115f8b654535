"""Records for suites that score in points: what an answer is given points for, and what a run came to."""

from pydantic import Field

from harness.checks import Record


class PointsRule(Record):
    """An answer is given, for each metric, `weights` times its value (0 to 1), one of the execution's `measures`.

    `only` says of single metrics that only problems whose id begins so have them.
    The suite's scale counts `runs` answers to each problem: a run of more or fewer is brought to it, by its mean.
    """

    runs: int = Field(default=1, ge=1)
    weights: dict[str, float] = Field(min_length=1)

    only: dict[str, str] = {}

    def weights_of(self, task_id: str) -> dict[str, float]:
        """The weights of the metrics that a problem has."""
        return {name: weight for name, weight in self.weights.items() if task_id.startswith(self.only.get(name, ""))}

    def most(self, task_id: str) -> float:
        """The points of a perfect answer to a problem."""
        return sum(self.weights_of(task_id).values())


class PointsTotal(Record):
    """The points of a run on the suite's scale, of at most `maximum`, with the ends of their 95 % interval.

    The interval spans what unscored samples could change. `metrics` are the parts of the total, before weighting.
    `per_problem` holds the sum of the points of each problem's scored samples, in points of one answer.
    """

    total: float
    low: float
    high: float
    maximum: float
    metrics: dict[str, float]
    per_problem: dict[str, float]
