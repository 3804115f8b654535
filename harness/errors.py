"""Every error harness raises on purpose, and whose it is.

    HarnessError                    exit  whose       means
    ├── UsageError                  2     the user    a wrong option or argument
    ├── UserError                   1     the user    bad input: unknown name, malformed file, missing key
    ├── MachineError                1     the machine no Docker engine, full disk, image not built
    ├── BudgetError                 5     the user    the next request might exceed --max-cost; nothing was sent
    ├── ProviderError               4     provider    a request failed; the sample stays unscored
    │   ├── TransientProviderError  4     provider    worth another try: 429, 5xx, dropped connection, timeout
    │   └── FatalProviderError      4     provider    every request will fail alike: 401, 404, unknown model
    └── SandboxError                4     sandbox     the sandbox broke; the program is not to blame

`message` says what is wrong and where; `hint` says what to do about it. A provider or sandbox error never becomes a
verdict: the pipeline records it as a `Failure` and the sample stays unscored.
"""


class HarnessError(Exception):
    """Base of all errors below; the command line prints `message` and `hint` and exits with `exit_code`."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(HarnessError):
    """The command line itself is wrong."""

    exit_code = 2


class UserError(HarnessError):
    """Something the user gave us is wrong: a name, a file, a key."""


class MachineError(HarnessError):
    """This machine lacks something: an engine, an image, disk space."""


class BudgetError(HarnessError):
    """The next request might cost more than the budget has left, so it was not sent."""

    exit_code = 5


class ProviderError(HarnessError):
    """A model endpoint failed to answer one request. `reason` is a short stable word such as `bad_request`."""

    exit_code = 4

    def __init__(self, message: str, hint: str = "", *, reason: str = "error") -> None:
        super().__init__(message, hint)
        self.reason = reason


class TransientProviderError(ProviderError):
    """Another try may succeed. `retry_after` is the provider's own wish in seconds, where it has one."""

    def __init__(
        self, message: str, hint: str = "", *, reason: str = "error", retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint, reason=reason)
        self.retry_after = retry_after


class FatalProviderError(ProviderError):
    """No request to this endpoint can succeed: the pipeline stops asking it and keeps what it has."""


class SandboxError(HarnessError):
    """The sandbox itself failed. `reason` is a short stable word such as `container_killed`."""

    exit_code = 4

    def __init__(self, message: str, hint: str = "", *, reason: str = "error") -> None:
        super().__init__(message, hint)
        self.reason = reason


def known_error(error: BaseException) -> HarnessError | None:
    """The error of ours behind `error`, also where concurrent tasks wrapped it in groups."""
    if isinstance(error, HarnessError):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = [known_error(part) for part in error.exceptions]
        return found[0] if all(found) else None
    return None
