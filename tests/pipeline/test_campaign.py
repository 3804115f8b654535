"""What a campaign file says, and what the state file remembers."""

from pathlib import Path

import pytest

from harness.errors import UserError
from harness.pipeline.campaign import Campaign, campaign_state, read_campaign
from harness.pipeline.plan import Choice, plan_eval
from harness.records import Model
from harness.store import RunDirectory
from harness.suites import Suite

REFERENCE = Model(name="reference", backend="reference", served_name="reference")


def written(folder: Path, text: str) -> Path:
    """A campaign file."""
    path = folder / "night.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_combination_is_a_cell(tmp_path: Path) -> None:
    """Models x suites x sampling, in the order of the file, each under a name that says what it asks for."""
    campaign = read_campaign(
        written(
            tmp_path,
            "models: [a, b]\nsuites: [smoke, mbpp]\nmax_cost: 5.00\ndata: {mbpp: here.jsonl}\n"
            "sampling: [{n: 1}, {n: 10, temperature: 0.8}]\n",
        )
    )
    assert (campaign.name, str(campaign.max_cost), campaign.at_once) == ("night", "5.0", 4)
    assert campaign.data == {"mbpp": tmp_path / "here.jsonl"}
    assert list(campaign.cells)[:3] == ["a, smoke", "a, smoke, n=10, temperature=0.8", "a, mbpp"]
    assert len(campaign.cells) == 8


def test_one_of_each_needs_no_list(tmp_path: Path) -> None:
    """A model, a suite, a sampling and the number of a problem may stand alone, as people write them."""
    text = "models: a\nsuites: mbpp\nsampling: {problems: [11]}"
    [cell] = read_campaign(written(tmp_path, text)).cells.values()
    assert (cell.model, cell.suite, cell.choice.problems) == ("a", "mbpp", ("11",))


def test_what_is_said_twice_is_one_cell() -> None:
    """A model that is listed twice is evaluated once; how many requests are under way does not make another cell."""
    campaign = Campaign(
        name="x", models=("a", "a"), suites=("s",), sampling=(Choice(), Choice(concurrency=2, timeout_s=9))
    )
    assert list(campaign.cells) == ["a, s"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("models: []\nsuites: [smoke]", "models"),
        ("suites: [smoke]", "models"),
        ("models: [a]\nsuites: [smoke]\nsampling: {n: 0}", "sampling.0.n"),
        ("models: [a]\nsuites: [smoke]\nsampling: {temprature: 1}", "sampling.0.temprature"),
        ("models: [a]\nsuites: [smoke]\nsampling: {temperature: -1}", "sampling.0.temperature"),
        ("models: [a]\nsuites: [smoke]\nsampling: {temperature: .nan}", "sampling.0.temperature"),
        ("models: [a]\nsuites: [smoke]\nsampling: {top_p: 2}", "sampling.0.top_p"),
        ("models: [a]\nsuites: [smoke]\nmax_cost: -1", "max_cost"),
        ("models: [a]\nsuites: [smoke]\nname: ../x", "name"),
        ("- a", "mapping"),
        ("models: [", "not valid YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, told: str) -> None:
    """A wrong campaign file is refused with its name and the field."""
    with pytest.raises(UserError) as refused:
        read_campaign(written(tmp_path, text))
    assert told in refused.value.message
    assert "night.yaml" in refused.value.message


def test_the_run_of_a_cell_is_found_again(root: Path, smoke: Suite) -> None:
    """A run's id is on disk before the run is; a run that was never made, or only half, is none."""
    cell = Campaign(name="x", models=("reference",), suites=("smoke",)).cells["reference, smoke"]
    with campaign_state("x", root) as state:
        first = state.new_run(cell)
    (root / "runs" / first).mkdir(parents=True)  # killed before run.json was there
    with campaign_state("x", root) as state:
        assert state.run_of(cell) is None
        second = state.new_run(cell)
        info = plan_eval(REFERENCE, smoke, Choice()).model_copy(update={"run_id": second})
        RunDirectory.create(root, info)
    with campaign_state("x", root) as state:
        found = state.run_of(cell)
        assert found is not None
        assert found.info().run_id == second
        assert [run.path for run in state.all_runs()] == [found.path]


def test_one_process_works_on_a_campaign(root: Path) -> None:
    """A second process is refused, so that no cell is bought twice."""
    with campaign_state("x", root), pytest.raises(UserError, match="Another process"), campaign_state("x", root):
        pass
    with campaign_state("x", root):
        pass


def test_a_damaged_state_file_is_not_taken_for_a_new_campaign(root: Path) -> None:
    """Runs that were paid for are not forgotten silently: a state file that cannot be read is an error."""
    with campaign_state("x", root) as state:
        state.path.write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="damaged"), campaign_state("x", root):
        pass
