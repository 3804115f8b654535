"""The catalogue: what ships, what a user adds, what the command line may name, and what it refuses."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st

from harness import plugins
from harness.errors import UserError
from harness.models import all_models, find_model
from harness.records import Model
from harness.settings import Settings, load_settings

NOTHING = Settings()
SHIPPED = {model.name: model for model in all_models(NOTHING)}

NAMED_BY_THE_DOCUMENTS = [
    "llama3-8b",
    "llama3-70b",
    "llama3.1-8b",
    "llama3.1-70b",
    "llama3.1-405b",
    "llama3-8b-openrouter",
    "llama3-70b-openrouter",
    "llama3.1-8b-openrouter",
    "llama3.1-70b-openrouter",
    "llama3.1-405b-openrouter",
    "llama3-8b-base",
    "llama3-70b-base",
    "gpt-4",
    "gpt-4-turbo",
    "gpt-3.5-turbo",
    "gpt-4o",
    "claude-3-opus",
    "claude-3-sonnet",
    "claude-3-haiku",
    "claude-3.5-sonnet",
    "gemini-1.5-pro",
    "command-r-plus",
    "wizardlm-2-8x22b",
    "mixtral-8x22b-instruct",
    "codellama-7b",
    "codellama-13b",
    "codellama-34b",
    "codellama-70b",
    "reference",
]


def own(**entries: dict[str, Any]) -> Settings:
    """Settings with these entries, `_` in a name standing for `-`."""
    return Settings(
        models={name.replace("_", "-"): entry for name, entry in entries.items()}, sources=(Path("h.yaml"),)
    )


@pytest.mark.parametrize("name", NAMED_BY_THE_DOCUMENTS)
def test_every_model_of_the_documents_is_there(name: str) -> None:
    """Each model that the documents name can be evaluated by name."""
    assert find_model(name, NOTHING).name == name


@pytest.mark.parametrize("model", SHIPPED.values(), ids=SHIPPED.keys())
def test_every_entry_can_be_used(model: Model) -> None:
    """An entry names a backend that exists, and a key's variable exactly where a hosted provider asks for one."""
    assert model.backend in plugins.names("harness.backends")
    assert (model.api_key_env is not None) == (model.backend == "openai")
    assert model.origin == "catalogue"


@pytest.mark.parametrize("model", [model for model in SHIPPED.values() if model.price], ids=lambda model: model.name)
def test_every_price_reference_is_known_to_genai_prices(model: Model) -> None:
    """A hosted entry is priced under its own provider and name, so no run of it ends with an unknown price."""
    provider, _, reference = str(model.price).partition(":")
    price = calc_price(Usage(input_tokens=1000, output_tokens=1000), model_ref=reference, provider_id=provider)
    assert price.total_price > 0


def test_a_self_hosted_model_has_no_list_price() -> None:
    """What a model costs on one's own machine is measured, never looked up under a hosted namesake."""
    assert {model.price for model in SHIPPED.values() if model.backend == "vllm"} == {None}


def test_names_and_aliases_are_unique() -> None:
    """No spelling means two models."""
    spellings = [name.lower() for model in SHIPPED.values() for name in (model.name, *model.aliases)]
    assert len(spellings) == len(set(spellings))


def test_base_models_continue_the_prompt() -> None:
    """A base model is asked in completion mode, its instruct sibling in chat mode."""
    modes = {
        name: SHIPPED[name].mode for name in ("codellama-7b", "codellama-7b-instruct", "llama3-8b-base", "llama3-8b")
    }
    assert list(modes.values()) == ["completion", "chat", "completion", "chat"]


@pytest.mark.parametrize("spelling", ["GPT-4o", " gpt-4o ", "gpt4o"])
def test_spelling_is_forgiving(spelling: str) -> None:
    """Letter case, blanks around the name and common aliases do not matter."""
    assert find_model(spelling, NOTHING).name == "gpt-4o"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("openai/gpt-4o", ("openai", "gpt-4o", "https://api.openai.com/v1", "OPENAI_API_KEY", "openai:gpt-4o")),
        (
            "openrouter/a/b:free",
            ("openai", "a/b:free", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter:a/b:free"),
        ),
        ("vllm/org/name@http://gpu:8000/v1", ("vllm", "org/name", "http://gpu:8000/v1", None, None)),
        ("vllm/org/name", ("vllm", "org/name", None, None, None)),
        ("openai/x@cf@https://own.example/v1", ("openai", "x@cf", "https://own.example/v1", None, None)),
        (
            "openai/x@https://openrouter.ai/api/v1",
            ("openai", "x", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter:x"),
        ),
        ("replay/gpt-4@runs/answers.jsonl", ("replay", "gpt-4", "runs/answers.jsonl", None, None)),
    ],
)
def test_any_model_can_be_named_ad_hoc(spec: str, expected: tuple[str | None, ...]) -> None:
    """BACKEND/SERVED_NAME[@URL] reaches a model without an entry; a provider's key goes to that provider only."""
    model = find_model(spec, NOTHING)
    assert (model.backend, model.served_name, model.base_url, model.api_key_env, model.price) == expected
    assert model.name == spec


@pytest.mark.parametrize(
    ("typo", "meant"), [("lama3-70b", "llama3-70b"), ("gpt-4oo", "gpt-4o"), ("claude-3-opsu", "claude-3-opus")]
)
def test_an_unknown_name_gets_the_nearest(typo: str, meant: str) -> None:
    """A typo ends in an error that has the right name in it."""
    with pytest.raises(UserError, match=f"no model named '{typo}'.*{meant}"):
        find_model(typo, NOTHING)


def test_an_unknown_backend_is_an_unknown_model() -> None:
    """A spec with a prefix that is neither backend nor provider is not guessed at."""
    with pytest.raises(UserError, match="BACKEND/SERVED_NAME"):
        find_model("vlm/my-model", NOTHING)


def test_a_users_entry_beats_ours() -> None:
    """An entry or alias of the user's own is found before the one that ships, and says where it is from."""
    settings = own(
        gpt_4o={"backend": "vllm", "served_name": "mine"},
        other={"backend": "vllm", "served_name": "o", "aliases": ["gpt4"]},
    )
    assert (find_model("gpt-4o", settings).served_name, find_model("gpt4", settings).name) == ("mine", "other")
    assert find_model("gpt-4o", settings).origin == "h.yaml"


def test_an_entry_may_extend_another() -> None:
    """`extends` takes over what is not said anew: all fields but the aliases."""
    settings = own(
        far={"extends": "llama3-70b", "base_url": "http://gpu:9000/v1", "concurrency": 64},
        further={"extends": "far", "timeout_s": 10},
        gpt_4o={"extends": "gpt-4o", "temperature": 0.5},
    )
    further = find_model("further", settings)
    assert (further.served_name, further.base_url) == ("meta-llama/Meta-Llama-3-70B-Instruct", "http://gpu:9000/v1")
    assert (further.concurrency, further.timeout_s, further.aliases) == (64, 10, ())
    assert (find_model("gpt-4o", settings).temperature, find_model("gpt-4o", settings).price) == (0.5, "openai:gpt-4o")


def test_an_extended_entry_elsewhere_inherits_no_price_and_no_key() -> None:
    """A namesake at another address is neither billed at the original's price nor sent the original's key."""
    model = find_model("proxy", own(proxy={"extends": "gpt-4o", "base_url": "https://proxy.example/v1"}))
    assert (model.backend, model.price, model.api_key_env) == ("openai", None, None)


def test_an_extended_snapshot_is_priced_as_itself() -> None:
    """Another served name at the same provider gets the price reference of that name."""
    model = find_model("old", own(old={"extends": "gpt-4", "served_name": "gpt-4-0314"}))
    assert model.price == "openai:gpt-4-0314"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"backend": "vllm"}, r"h\.yaml: models\.bad\.served_name: Field required"),
        ({"backend": "vllm", "served_name": "x", "colour": "red"}, r"models\.bad\.colour: Extra inputs"),
        ({"backend": "vllm", "served_name": "x", "concurrency": 0}, r"models\.bad\.concurrency"),
        ({"provider": "opnai", "served_name": "x"}, r"models\.bad\.provider: no provider 'opnai'.*openai"),
        ({"extends": "gpt-5o"}, r"models\.bad\.extends: 'gpt-5o' is no other model.*gpt-4o"),
        ({"extends": "bad"}, r"models\.bad\.extends"),
        ({"backend": "vllm", "served_name": "x", "name": "y"}, r"models\.bad\.name"),
    ],
)
def test_a_bad_entry_names_file_and_field(entry: dict[str, Any], message: str) -> None:
    """A mistake in harness.yaml ends in an error that says where it is."""
    with pytest.raises(UserError, match=message):
        find_model("gpt-4o", own(bad=entry))


@pytest.mark.parametrize(
    "entry",
    [
        {"backend": "openai", "served_name": "x", "api_key": "sk-secret-1"},
        {"backend": "openai", "served_name": "x", "api_key_env": "sk-secret-1"},
        {"backend": "openai", "served_name": "x", "base_url": "https://me:sk-secret-1@own.example/v1"},
        {"backend": "openai", "served_name": "x", "base_url": "https://own.example/v1?api_key=sk-secret-1"},
    ],
)
def test_a_key_in_a_file_is_refused_and_not_repeated(entry: dict[str, Any]) -> None:
    """A run records its model, so a secret in an entry is an error, one that does not show the secret."""
    with pytest.raises(UserError, match=r"models\.bad") as caught:
        all_models(own(bad=entry))
    assert "sk-secret-1" not in str(caught.value)


def test_a_password_in_a_spec_is_refused_and_not_repeated() -> None:
    """The same holds for an address on the command line."""
    with pytest.raises(UserError) as caught:
        find_model("vllm/x@http://me:hunter2@gpu:8000/v1", NOTHING)
    assert "hunter2" not in str(caught.value)


def test_entries_come_from_harness_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry in the working directory's harness.yaml is in the catalogue, its origin that file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    (tmp_path / "harness.yaml").write_text(
        "models:\n  mine: {provider: together, served_name: a/b, mode: completion}\n"
    )
    model = find_model("mine", load_settings(tmp_path))
    assert (model.backend, model.price, model.mode) == ("openai", "together:a/b", "completion")
    assert model.origin == str(tmp_path / "harness.yaml")


@given(st.text(max_size=40))
def test_no_spec_breaks_the_search(spec: str) -> None:
    """Whatever is typed, the answer is a model or an explained error."""
    with suppress(UserError):
        assert find_model(spec, NOTHING).served_name
