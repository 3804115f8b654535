"""The adaptive limit, without a clock: what halves it, what does not, and how it grows back."""

from hypothesis import given
from hypothesis import strategies as st

from harness.backends.limits import AdaptiveLimit


def test_one_refusal_halves() -> None:
    """8, 4, 2, 1, and never less than one request."""
    limit = AdaptiveLimit(8)
    seen = []
    for _ in range(5):
        limit.throttled(limit.epoch)
        seen.append(limit.allowed)
    assert seen == [4, 2, 1, 1, 1]


def test_requests_refused_together_halve_once() -> None:
    """Eight requests under way that all get a 429 are one refusal: the limit is 4, not 1."""
    limit = AdaptiveLimit(8)
    epoch = limit.epoch
    for _ in range(8):
        limit.throttled(epoch)
    assert limit.allowed == 4


def test_a_round_of_answers_makes_room_for_one() -> None:
    """From 4, about four answers lead to 5 and about five more to 6; the maximum is the entry's."""
    limit = AdaptiveLimit(8)
    limit.throttled(limit.epoch)
    answers_until = {}
    for answers in range(1, 100):
        limit.succeeded()
        answers_until.setdefault(limit.allowed, answers)
    assert answers_until == {4: 1, 5: 5, 6: 10, 7: 17, 8: 24}


@given(st.integers(1, 64), st.lists(st.booleans(), max_size=200))
def test_the_limit_stays_within_its_bounds(maximum: int, answers: list[bool]) -> None:
    """Whatever happens, between one and the maximum requests may be under way."""
    limit = AdaptiveLimit(maximum)
    for answered in answers:
        if answered:
            limit.succeeded()
        else:
            limit.throttled(limit.epoch)
        assert 1 <= limit.allowed <= maximum
