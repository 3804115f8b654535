"""What a sample, and each of its calls, has used so far."""

import time

import meters
from judges import JudgeProcess


class Clock:
    """The candidate's time. Wall time leaves out the spells in which the whole container stood still."""

    def __init__(self, candidate: int, judge: JudgeProcess, container: meters.Meters) -> None:
        self._candidate = candidate
        self._judge = judge
        self._container = container
        self._started = time.monotonic()
        self.stalled = 0.0
        self._base = self._container_cpu_s()

    def wall_s(self) -> float:
        """Seconds since the candidate was started, stalls left out."""
        return time.monotonic() - self._started - self.stalled

    def cpu_s(self) -> float:
        """The candidate's own clock, or the container's less judge and supervisor: so children count too."""
        own = meters.process_cpu_s(self._candidate)
        container = self._container_cpu_s()
        return own if container is None or self._base is None else max(own, container - self._base)

    def _container_cpu_s(self) -> float | None:
        used = self._container.cpu_s()
        return None if used is None else used - time.process_time() - self._judge.cpu_s()


class CallClock:
    """The time of the call that the judge waits for, from the first look at it on: never more than it has used.

    While the judge does not wait the candidate may be at work on calls sent ahead, of which nobody knows which: that
    time is no call's.
    """

    def __init__(self, clock: Clock, judge: JudgeProcess) -> None:
        self._clock = clock
        self._judge = judge
        self._turns = 0
        self._since = (0.0, 0.0)

    def used(self) -> tuple[float, float]:
        """CPU and wall seconds."""
        cpu_s, wall_s, turns = self._clock.cpu_s(), self._clock.wall_s(), self._judge.progress.turns
        if turns != self._turns or turns % 2 == 0:
            self._turns, self._since = turns, (cpu_s, wall_s)
        return cpu_s - self._since[0], wall_s - self._since[1]
