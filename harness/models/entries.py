"""From the YAML of an entry to a `Model`: `provider` and `extends` resolved, a mistake named with file and field."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from harness.errors import UserError
from harness.records import Model, Record

Entry = Mapping[str, JsonValue]

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CREDENTIALS = re.compile(r"(?<=://)[^/]*@|[?&](api[-_]?key|key|token)=.*", re.IGNORECASE)
DEFAULTS: dict[str, dict[str, JsonValue]] = {"vllm": {"concurrency": 32}}
"""What an entry of a backend has unless it says otherwise: vLLM batches the requests that are under way together."""

WHERE = ("provider", "backend", "base_url", "served_name")
"""Fields that decide who is paid: an entry that changes one of them does not inherit a price."""


class ProviderInfo(Record):
    """An OpenAI-compatible API; `prices` is its id in genai-prices."""

    base_url: str
    api_key_env: str
    prices: str

    def fields(self, served_name: str) -> dict[str, JsonValue]:
        """What an entry gets from its provider."""
        return {
            "backend": "openai",
            "base_url": self.base_url,
            "api_key_env": self.api_key_env,
            "price": f"{self.prices}:{served_name}",
        }


def build(name: str, entry: Entry, providers: Mapping[str, ProviderInfo], origin: str) -> Model:
    """The model that `entry` (with `extends` already merged in) describes; `origin` is the file that it is from.

    Raises:
        UserError: a field is unknown, missing or of the wrong kind; or a secret stands where none may.
    """
    where = f"{origin}: models.{CREDENTIALS.sub('', name)}"
    fields: dict[str, Any] = dict(entry)
    provider = fields.pop("provider", None)
    if provider is not None:
        if provider not in providers:
            raise UserError(f"{where}.provider: no provider {provider!r}.", f"Known: {', '.join(sorted(providers))}.")
        fields = {**providers[provider].fields(str(fields.get("served_name"))), **fields}
    _refuse_secrets(where, fields)
    for reserved in ("name", "origin"):
        if reserved in fields:
            raise UserError(f"{where}.{reserved}: is not for an entry to say.", "Remove this field.")
    try:
        return Model(**{**DEFAULTS.get(str(fields.get("backend")), {}), **fields, "name": name, "origin": origin})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{where}.{field}: {first['msg']}.", "docs/models.md lists the fields.") from None


def extended(base: Entry, entry: Entry) -> Entry:
    """`entry` over the entry it extends: names of the old one are not inherited, nor a price that no longer holds."""
    inherited = {name: value for name, value in base.items() if name != "aliases"}
    if any(name in entry for name in WHERE):
        inherited.pop("price", None)
    if "backend" in entry or "base_url" in entry:
        provider = inherited.pop("provider", None)
        if provider is not None and "backend" not in entry:
            inherited["backend"] = "openai"
    return {**inherited, **{name: value for name, value in entry.items() if name != "extends"}}


def _refuse_secrets(where: str, fields: Mapping[str, Any]) -> None:
    """A run writes its model to disk, so no part of an entry may be a key. The offending value is never shown."""
    if "api_key" in fields:
        raise UserError(f"{where}.api_key: a key is never in a file.", "Name its environment variable: api_key_env.")
    variable = fields.get("api_key_env")
    if variable is not None and not (isinstance(variable, str) and VARIABLE.fullmatch(variable)):
        raise UserError(
            f"{where}.api_key_env: this is not the name of an environment variable.",
            "Write its name, such as OPENAI_API_KEY, not the key itself.",
        )
    if CREDENTIALS.search(str(fields.get("base_url"))):
        raise UserError(f"{where}.base_url: holds a key or a password.", "Use api_key_env instead.")
