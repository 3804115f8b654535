"""Waiting: what Retry-After may say, how long a back-off may be, and how attempts end."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.backends.retry import RetryPolicy, retried, retry_after
from harness.errors import FatalProviderError, ProviderError, TransientProviderError

NOW = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)


@given(st.integers(0, 10**6))
def test_seconds_are_seconds(seconds: int) -> None:
    """A number is that many seconds, with or without blanks and decimals."""
    assert retry_after({"retry-after": f" {seconds} "}, NOW) == seconds
    assert retry_after({"retry-after": f"{seconds}.5"}, NOW) == seconds + 0.5


@given(st.integers(-(10**6), 10**6), st.integers(-12, 14))
def test_a_date_is_the_seconds_until_then(seconds: int, offset: int) -> None:
    """An HTTP date, in any zone, is the time until it, and one that has passed means at once."""
    zone = timezone(timedelta(hours=offset))
    date = format_datetime((NOW + timedelta(seconds=seconds)).astimezone(zone))
    assert retry_after({"retry-after": date}, NOW) == max(0, seconds)


@given(st.integers(0, 10**6))
def test_milliseconds_beat_seconds(milliseconds: int) -> None:
    """OpenAI's finer header wins over the rounded one."""
    headers = {"retry-after-ms": str(milliseconds), "retry-after": "99"}
    assert retry_after(headers, NOW) == milliseconds / 1000


@given(st.text(max_size=60) | st.from_regex(r"[0-9]{1,500}(\.[0-9]{1,5})?", fullmatch=True))
def test_no_header_breaks_the_parser(text: str) -> None:
    """Whatever a server writes, the wish is none or a finite number of seconds, never negative."""
    wish = retry_after({"retry-after": text, "retry-after-ms": text}, NOW)
    assert wish is None or 0 <= wish < float("inf")


def test_no_header_is_no_wish() -> None:
    """A 429 without the header leaves the wait to the back-off."""
    assert retry_after({}, NOW) is None


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_back_off_doubles_up_to_its_cap(attempt: int, random: float) -> None:
    """The wait lies between half and the whole of base * 2^(n-1), and never above the cap."""
    policy = RetryPolicy(base_s=1, cap_s=60, random=lambda: random)
    whole = min(60, 2 ** min(attempt - 1, 10))
    assert whole / 2 <= policy.wait_s(attempt, None) <= whole


@given(st.floats(0, 3600), st.floats(0, 1, exclude_max=True))
def test_a_wish_is_never_cut_short(wish: float, random: float) -> None:
    """What the provider asks for is waited in full, with at most a second of jitter on top."""
    wait = RetryPolicy(random=lambda: random).wait_s(1, wish)
    assert wish <= wait <= wish + 1


@pytest.mark.anyio
async def test_a_final_error_passes_at_once(fast: RetryPolicy) -> None:
    """An error that no second try can mend is raised as it is, after one call."""
    calls = 0

    async def call() -> None:
        nonlocal calls
        calls += 1
        raise ProviderError("no", reason="bad_request")

    with pytest.raises(ProviderError, match=r"^no$"):
        await retried(fast, call)
    assert calls == 1


@pytest.mark.anyio
@pytest.mark.parametrize(("reason", "kind"), [("server_error", ProviderError), ("unreachable", FatalProviderError)])
async def test_the_last_error_tells_the_story(reason: str, kind: type[ProviderError], fast: RetryPolicy) -> None:
    """When the attempts are used up, the error keeps the last reason and is no longer transient."""

    async def call() -> None:
        raise TransientProviderError("The server broke.", "Wait.", reason=reason)

    with pytest.raises(ProviderError, match=r"^The server broke\. Gave up after 3 attempts in 0 s\. Wait\.$") as caught:
        await retried(fast, call)
    assert type(caught.value) is kind
    assert caught.value.reason == reason
