"""The model catalogue: entries that ship with the package, the user's own, and ad-hoc specs of the command line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from harness import plugins
from harness.errors import UserError
from harness.models.entries import Entry, ProviderInfo, build, extended
from harness.records import Model
from harness.settings import Settings

SHIPPED = "catalogue"
AD_HOC = "command line"
WEB = re.compile(r"(?P<served>.+?)@(?P<url>https?://.+)")
FILE = re.compile(r"(?P<served>.+?)@(?P<url>.+)")


@dataclass(frozen=True)
class Catalogue:
    """The file that ships: providers and entries by name."""

    providers: dict[str, ProviderInfo]
    entries: dict[str, Entry]


def all_models(settings: Settings) -> list[Model]:
    """Every model with a name, sorted by name; `origin` is "catalogue" or the settings file that an entry is from.

    Raises:
        UserError: an entry of the user's is wrong; the message names file, entry and field.
    """
    shipped = _shipped()
    origin = " or ".join(str(path) for path in settings.sources) or "your settings"
    own = [build(name, _resolved(name, settings, shipped), shipped.providers, origin) for name in settings.models]
    rest = [
        build(name, entry, shipped.providers, SHIPPED)
        for name, entry in shipped.entries.items()
        if name not in settings.models
    ]
    return sorted([*own, *rest], key=lambda model: model.name)


def find_model(spec: str, settings: Settings) -> Model:
    """The model that `spec` means: a name or alias of the catalogue, or `BACKEND/SERVED_NAME[@URL]`.

    BACKEND is a backend (`vllm`, `openai`, `replay`, a plug-in's) or a provider of the catalogue (`openrouter`).
    Spelling is forgiving: letter case does not matter, and a name beats an alias, the user's own beats ours.

    Raises:
        UserError: nothing is called so; the message has the nearest names.
    """
    models = all_models(settings)
    wanted = spec.strip().lower()
    for model in models:
        if model.name.lower() == wanted:
            return model
    for model in sorted(models, key=lambda model: model.origin == SHIPPED):
        if wanted in (alias.lower() for alias in model.aliases):
            return model
    return _ad_hoc(spec.strip()) or _unknown(spec, models)


def _unknown(spec: str, models: list[Model]) -> Model:
    names = {name.lower(): name for model in models for name in (model.name, *model.aliases)}
    near = [names[match] for match in get_close_matches(spec.lower(), names, n=4, cutoff=0.5)]
    meant = f"Did you mean {', '.join(near)}? " if near else ""
    raise UserError(
        f"There is no model named {spec!r}.",
        f"{meant}`harness models list` shows all; any other model is BACKEND/SERVED_NAME[@URL].",
    )


def _ad_hoc(spec: str) -> Model | None:
    prefix, slash, rest = spec.partition("/")
    providers = _shipped().providers
    known = {*providers, *plugins.names("harness.backends")}
    if not slash or not rest or prefix not in known:
        return None
    match = (WEB if prefix in {*providers, "vllm"} else FILE).fullmatch(rest)
    served, url = (match["served"], match["url"]) if match else (rest, None)
    return build(spec, _ad_hoc_entry(prefix, served, url), providers, AD_HOC)


def _ad_hoc_entry(prefix: str, served: str, url: str | None) -> Entry:
    """A key is sent to a provider of the catalogue only: an address of the user's own gets none."""
    providers = _shipped().providers
    if url is None:
        return {"provider": prefix, "served_name": served} if prefix in providers else _plain(prefix, served)
    home = next((name for name, info in providers.items() if _host(info.base_url) == _host(url)), None)
    if home is not None and prefix != "vllm":
        return {"provider": home, "served_name": served, "base_url": url}
    return {**_plain("openai" if prefix in providers else prefix, served), "base_url": url}


def _plain(backend: str, served: str) -> dict[str, Any]:
    return {"backend": backend, "served_name": served}


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _resolved(name: str, settings: Settings, shipped: Catalogue) -> Entry:
    """The user's entry `name` with everything it extends merged in."""
    chain: list[Entry] = []
    own: Mapping[str, Entry] = settings.models
    seen: set[str] = set()
    current = name
    while current in own and current not in seen:
        seen.add(current)
        chain.append(own[current])
        base = own[current].get("extends")
        if base is None:
            return _merged(chain)
        current = str(base)
    if current not in shipped.entries:
        near = get_close_matches(current, [*shipped.entries, *own], n=3)
        hint = f"Did you mean {', '.join(near)}?" if near else "`harness models list` shows all."
        raise UserError(f"models.{name}.extends: {current!r} is no other model.", hint)
    return _merged([*chain, shipped.entries[current]])


def _merged(chain: list[Entry]) -> Entry:
    """The entries of an `extends` chain, the first one strongest."""
    entry = chain[-1]
    for stronger in reversed(chain[:-1]):
        entry = extended(entry, stronger)
    return entry


@cache
def _shipped() -> Catalogue:
    content = yaml.safe_load(files("harness.models").joinpath("catalogue.yaml").read_text(encoding="utf-8"))
    providers = {name: ProviderInfo(**info) for name, info in content["providers"].items()}
    return Catalogue(providers, content["models"])
