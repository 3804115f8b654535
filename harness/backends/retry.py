"""When to try again, and how long to wait: jittered exponential back-off that honours the provider's own wish.

What counts as worth another try is decided where errors are classified (faults.py): a `TransientProviderError` is
tried again, anything else is final. docs/backends.md has the table.
"""

import math
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import anyio
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, stop_before_delay

from harness.errors import FatalProviderError, ProviderError, TransientProviderError

T = TypeVar("T")

NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long one request is tried. Times are seconds.

    The n-th wait is drawn between half and the whole of `base_s * 2**(n-1)`, at most `cap_s`. A `Retry-After` is
    honoured in full and a little jitter is added; one that does not fit into `total_s` ends the request at once.
    """

    attempts: int = 6
    base_s: float = 1.0
    cap_s: float = 60.0
    total_s: float = 1800.0
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    random: Callable[[], float] = random.random

    def wait_s(self, attempt: int, retry_after: float | None) -> float:
        """Seconds to wait after the failed `attempt` (counted from 1)."""
        if retry_after is not None:
            return retry_after + self.random() * min(self.base_s, 1.0)
        backoff = min(self.cap_s, self.base_s * 2.0 ** min(attempt - 1, 64))
        return backoff * (0.5 + self.random() / 2)


async def retried(policy: RetryPolicy, call: Callable[[], Awaitable[T]]) -> tuple[T, int]:
    """The result of `call`, tried as `policy` says, and the number of attempts it took.

    Raises:
        ProviderError: not worth another try, or the attempts or the time ran out (a plain `ProviderError` that keeps
            the last reason; fatal where no connection could ever be made).
    """
    started = time.monotonic()
    made = 0
    try:
        with anyio.fail_after(policy.total_s):
            async for attempt in _attempts(policy):
                with attempt:
                    made = attempt.retry_state.attempt_number
                    result = await call()
        return result, made
    except TransientProviderError as error:
        last: ProviderError = error
    except TimeoutError:
        last = ProviderError("The total deadline passed while the endpoint was being asked.", reason="timeout")
    raise _given_up(last, made, time.monotonic() - started)


def _attempts(policy: RetryPolicy) -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception_type(TransientProviderError),
        wait=lambda state: policy.wait_s(state.attempt_number, _wish(state)),
        stop=stop_after_attempt(policy.attempts) | stop_before_delay(policy.total_s),
        sleep=policy.sleep,
        reraise=True,
    )


def _wish(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, TransientProviderError) else None


def _given_up(last: ProviderError, attempts: int, seconds: float) -> ProviderError:
    wish = last.retry_after if isinstance(last, TransientProviderError) else None
    asked = f" It asked to wait {wish:.0f} s." if wish else ""
    tries = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    message = f"{last.message}{asked} Gave up after {tries} in {seconds:.0f} s."
    kind = FatalProviderError if last.reason == "unreachable" else ProviderError
    return kind(message, last.hint, reason=last.reason)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The provider's wish in seconds, from `retry-after-ms` or `Retry-After` (seconds or HTTP date); None without one.

    RFC 9110, section 10.2.3. A date that has passed means at once; a value that cannot be read counts as none.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _number(text)
    return seconds if seconds is not None else _until(text, now or datetime.now(UTC))


def _number(text: str) -> float | None:
    if not NUMBER.fullmatch(text.strip()):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _until(text: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(text)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, (date - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
