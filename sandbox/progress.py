"""What the supervisor sees of the judge at work without asking it: a page of memory that both have."""

import mmap


class Progress:
    """How far the sample at hand has come. The judge writes, the supervisor reads."""

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("Q")

    def clear(self) -> None:
        """A new sample begins."""
        self._numbers[0] = self._numbers[1] = 0

    def reach(self) -> None:
        """Another stage of the check has been passed."""
        self._numbers[0] += 1

    def turn(self) -> None:
        """It is the other side's turn: the judge begins to wait for the answer to a call, or has got it."""
        self._numbers[1] += 1

    @property
    def stages(self) -> int:
        """How many stages of the check have been passed."""
        return self._numbers[0]

    @property
    def turns(self) -> int:
        """How often the turn has changed: an odd number of times while the judge waits."""
        return self._numbers[1]
