"""What a server's error answer means: whose it is, and whether another try can help (the table in docs/backends.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.backends.retry import retry_after
from harness.errors import FatalProviderError, ProviderError, TransientProviderError

WORDS = 300
READ = 4000

TRANSIENT = {408: "timeout", 409: "conflict", 425: "too_early", 429: "rate_limited"}
NO_MONEY = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"}
FILTERED = {"content_filter", "content_policy_violation", "moderation_blocked", "data_inspection_failed"}
TOO_LONG = {"context_length_exceeded", "string_above_max_length", "request_too_large"}
LONG_WORDS = re.compile(
    r"maximum context length|context length exceeded|context window|prompt is too long|input length.{0,40}exceeds",
    re.IGNORECASE,
)
FATAL = {
    401: ("bad_key", "Check the key in {env}."),
    402: ("no_credit", "Add credit at the provider, then resume the run."),
    403: ("forbidden", "Check what the key in {env} may use."),
    404: ("not_found", "Check served_name and base_url of this model: `harness models show {name}`."),
    405: ("wrong_endpoint", "Check base_url of this model: it usually ends in /v1."),
    410: ("not_found", "The provider has retired this model."),
}


@dataclass(frozen=True)
class Fault:
    """An error answer. `words` are the server's own, on one line; `codes` its code and type; `retry_after` seconds."""

    status: int
    words: str
    codes: frozenset[str] = frozenset()
    param: str = ""
    retry_after: float | None = None


class Rejected(Exception):  # noqa: N818 - not an error yet: it may be adapted to, or become one of harness.errors
    """The server answered with an error; inside this package only."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


def read_fault(status: int, error: object, headers: Mapping[str, str], text: str = "") -> Fault:
    """The fault in an error answer, from its status, its `error` (any JSON) and headers; `text` is the whole body."""
    fields = error if isinstance(error, Mapping) else {}
    codes = {str(fields[key]).lower() for key in ("code", "type") if isinstance(fields.get(key), str | int)}
    metadata = fields.get("metadata")
    if isinstance(metadata, Mapping) and "flagged_input" in metadata:
        codes.add("content_filter")
    message = error if isinstance(error, str) else fields.get("message")
    return Fault(
        status=status,
        words=one_line(message if isinstance(message, str) and message else text),
        codes=frozenset(codes),
        param=str(fields.get("param") or "")[:WORDS],
        retry_after=retry_after(headers),
    )


def to_error(fault: Fault, *, name: str, env: str | None) -> ProviderError:
    """The error that `fault` is, for the model `name` whose key is in the variable `env`."""
    said = f"{name}: the endpoint answered {fault.status}: {shorten(fault.words) or 'no message'}"
    return _by_code(fault, said) or _by_status(fault, said, name=name, env=env)


def _by_code(fault: Fault, said: str) -> ProviderError | None:
    """What the body says beats the status: a 429 for an empty account is not a rate limit."""
    if fault.codes & NO_MONEY:
        return FatalProviderError(said, "Add credit at the provider, then resume the run.", reason="no_credit")
    if fault.codes & FILTERED:
        return ProviderError(said, "The provider's filter refused this prompt.", reason="content_filter")
    if is_too_long(fault):
        return ProviderError(said, "Ask for fewer tokens or use a longer context.", reason="context_too_long")
    return None


def _by_status(fault: Fault, said: str, *, name: str, env: str | None) -> ProviderError:
    if fault.status in TRANSIENT or fault.status >= 500:
        reason = TRANSIENT.get(fault.status, "server_error")
        return TransientProviderError(said, reason=reason, retry_after=fault.retry_after)
    if fault.status in FATAL:
        reason, hint = FATAL[fault.status]
        return FatalProviderError(said, hint.format(env=env or "api_key_env", name=name), reason=reason)
    if 300 <= fault.status < 400:
        return FatalProviderError(said, "Set base_url to where it redirects.", reason="wrong_endpoint")
    return ProviderError(said, "The provider does not accept this request as it is.", reason="bad_request")


def is_too_long(fault: Fault) -> bool:
    """True where prompt and answer do not fit into the model's context."""
    if fault.status == 413 or fault.codes & TOO_LONG:
        return True
    return fault.status in (400, 422) and LONG_WORDS.search(fault.words) is not None


def one_line(text: str) -> str:
    """The beginning of any error body as one line without markup."""
    return " ".join(re.sub(r"<[^<>]*>", " ", text[:READ]).split())


def shorten(words: str) -> str:
    """The first 300 characters, with an ellipsis where something was cut."""
    return words if len(words) <= WORDS else words[: WORDS - 1] + "…"
