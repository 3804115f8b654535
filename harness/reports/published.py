"""Published tables: figures of others under results/published/, each line with its source and date.

A table is a CSV with the columns of `Figure`. Prices are not copied into it: they are looked up as of the figure's
date. A user's own table of the same form is read from its path. A run of the suite that a table is named after, with a
model of that table, stands in the row of its figure.
"""

import csv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from harness.assets import asset
from harness.errors import UserError
from harness.pricing.tariff import Tariff
from harness.records import Model, Record
from harness.reports.row import Entry, Row, Scale, priced

Number = Annotated[float, Field(allow_inf_nan=False)]
TariffOf = Callable[[Model, date], Tariff | None]


class Figure(Record):
    """One line of a published table. `price` is a price reference such as `openrouter:openai/gpt-4-turbo`.

    `recorded_as` is what recorded answers call the model: runs of that name, or of that price, are of this model.
    """

    model: str
    suite: str
    suite_version: str
    scale: Scale
    score: Number | None = None
    low: Number | None = None
    high: Number | None = None
    price: str | None = None
    as_of: date
    source: str
    recorded_as: str | None = None

    @model_validator(mode="after")
    def _in_the_unit_of_its_scale(self) -> Self:
        if self.scale == "pass@1" and any(not 0 <= n <= 1 for n in (self.score, self.low, self.high) if n is not None):
            raise ValueError("pass@1 is a share from 0 to 1")
        return self


def published_names() -> list[str]:
    """The tables that ship with the package."""
    return sorted(path.stem for path in asset("results", "published").glob("*.csv"))


def published_entries(name: str, tariff_of: TariffOf, runs: Sequence[Row] = ()) -> list[Entry]:
    """The lines of a published table (a name, or the path of a CSV), with the prices of their day.

    What one of `runs` came to stands beside the figure that it reproduces: the newest, where several do.

    Raises:
        UserError: there is no such table, or a line of it is not a `Figure`; file, line and field are named.
    """
    path = asset("results", "published", f"{name}.csv")
    if not path.is_file() and not (path := Path(name)).is_file():
        raise UserError(f"There is no published table {name!r}.", f"Known: {', '.join(published_names())}; or a path.")
    ours = [run for run in runs if run.suite == path.stem and run.is_whole]
    return [_entry(path.stem, figure, tariff_of, ours) for figure in _read(path)]


def _read(path: Path) -> list[Figure]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets begin theirs with a byte order mark
            lines = list(csv.DictReader(file))
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.", "Name a CSV in UTF-8.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a CSV in UTF-8: {error}.", "See docs/leaderboard.md.") from error
    figures = []
    for number, line in enumerate(lines, 2):
        try:
            figures.append(Figure.model_validate({name: value for name, value in line.items() if value}))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            told = f"{where}: {first['msg']}" if where else first["msg"]
            raise UserError(f"{path}, line {number}: {told}.", "See docs/leaderboard.md.") from error
    return figures


def _entry(table: str, figure: Figure, tariff_of: TariffOf, runs: Sequence[Row]) -> Entry:
    model = Model(name=figure.model, backend="published", served_name=figure.model, price=figure.price)
    tariff = tariff_of(model, figure.as_of)
    row = Row(
        **figure.model_dump(exclude={"price", "recorded_as", "as_of"}),
        pass_at_1=figure.score if figure.scale == "pass@1" else None,
        date=figure.as_of,
        fingerprint=f"published:{table}",
        problem_set=f"published:{table}",
        **_reproduction(figure, runs),
    )
    return Entry(row=priced(row, tariff) if tariff is not None else row)


def _reproduction(figure: Figure, runs: Sequence[Row]) -> dict[str, Any]:
    """The fields that the newest run of the figure's model gives its row; none where there is no such run."""
    own = [run for run in runs if run.scale == figure.scale and _is_of(run, figure)]
    if not own:
        return {}
    run = max(own, key=lambda run: (str(run.date), run.run_id))
    kept = {name: getattr(run, name) for name in ("problems", "samples", "run_id", "harness_version")}
    return {**kept, "reproduced": run.score, "reproduced_low": run.low, "reproduced_high": run.high}


def _is_of(run: Row, figure: Figure) -> bool:
    named = run.model in (figure.model, figure.recorded_as)
    return named or (figure.price is not None and run.price_reference == figure.price)
