"""A cell: one hardened container with its runner, which runs one job at a time."""

import secrets
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import anyio
from docker.errors import ImageNotFound, NotFound
from pydantic import ValidationError

from harness.checks import TestsCheck
from harness.errors import SandboxError
from harness.languages.testing import commands
from harness.records import Job, Limits, Outcome, Verdict
from harness.sandboxes import owner
from harness.sandboxes.engine import ENGINE_ERRORS, Engine, away
from harness.sandboxes.frames import FrameError, Message, encode
from harness.sandboxes.stream import Stream, StreamError

PROTOCOL = 1
"""Version of the conversation with the runner; an image that speaks another is refused."""

_READY_S = 60.0
_GRACE_S = 15.0
_TRIALS = {"python": 1, "program": 2, "tests": 1}  # a program's oracle is tried before it
_EXIT_POLLS, _EXIT_POLL_S = 20, 0.1
_REMOVE_S = 60.0
_BROKEN_CHECK = "check_broken"  # the one fault that another try cannot cure
_CANDIDATE_KILLED = "candidate_killed"
# SIGKILL as the engine says it of our first process, and as that one says it of its child. No program can send it to
# either: it shares no user and no PID namespace with them, and the kernel's own, for memory, is told by OOMKilled.
_KILLED = (128 + 9, 256 - 9)


class CellError(Exception):
    """A cell broke. `reason` is a short stable word; `charge` is what the death would mean if only the program did it.

    `charge` is None where the program cannot be to blame: the engine was away, the runner was not ready yet, the judge
    was killed.
    """

    def __init__(self, reason: str, message: str, charge: Verdict | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.charge = charge


class Untried(Enum):
    """Why a job that was handed over has to be handed over again."""

    GIVEN_BACK = "another job took long, and it has not been tried"
    SUSPECT = "the cell broke while this job or another of those handed over with it ran"


Answer = Outcome | CellError | SandboxError | Untried


class Request:
    """A job as it is sent. SandboxError: it is too large."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.nonce = secrets.token_hex(8)
        content = job.model_dump()
        if isinstance(job.check, TestsCheck):
            content["check"] |= commands(job.check)
        try:
            self.frame = encode({"id": job.id, "nonce": self.nonce, **content})
        except FrameError as error:
            raise SandboxError(f"The job {job.id} cannot be sent: {error}.", reason="job_too_large") from error

    @property
    def patience_s(self) -> float:
        """How long the answer may take, in seconds, once this job is at work."""
        return _TRIALS[self.job.check.kind] * self.job.limits.wall_s + _GRACE_S


Tell = Callable[[Request, Answer], None]


class Cell:
    """One container. `start` it, `run` jobs, `remove` it in any case; after a `CellError` it is of no more use."""

    def __init__(self, engine: Engine, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.ready: Message = {}
        self._engine = engine
        self._stream: Stream | None = None
        self._memory = 0
        self._removed = False

    def fits(self, limits: Limits) -> bool:
        """True where a job with these limits may use all that it may in this container."""
        mine = self.limits
        return (
            limits.memory_mb <= mine.memory_mb and limits.processes <= mine.processes and limits.file_mb <= mine.file_mb
        )

    async def start(self, options: dict[str, Any]) -> None:
        """Create the container with `options` of docker's `create_container`, start it, wait for the hand-shake.

        Raises:
            CellError: it does not start, or its runner does not get ready.
        """
        self._memory = options["host_config"]["Memory"]
        try:
            await self._engine.call(self._launch, options)
            with anyio.fail_after(_READY_S):
                self.ready = await self._conversation.receive()
        except ImageNotFound as error:
            message = "The sandbox's image is gone from the engine; harness sandbox build makes it again."
            raise CellError("image_gone", message) from error
        except ENGINE_ERRORS as error:
            raise _engine_fault(error) from error
        except (StreamError, FrameError, TimeoutError) as error:
            raise CellError("not_ready", f"The runner did not get ready: {error}. {await self._autopsy()}") from error
        if self.ready.get("ready") is not True or self.ready.get("protocol") != PROTOCOL:
            raise CellError("not_ready", f"The runner's greeting is not understood: {str(self.ready)[:200]}.")

    async def run(self, requests: Sequence[Request], tell: Tell) -> None:
        """Run jobs one after the other; `tell` hears what came of each as soon as it is known.

        After a `CellError` or `Untried.SUSPECT` the cell must be removed. The error is the answer to the only job that
        had none yet when the cell broke; where there were several, each is suspect.
        """
        left = {request.nonce: request for request in requests}
        try:
            await self._converse(left, tell)
        except CellError as fault:
            for request in left.values():
                tell(request, fault if len(left) == 1 else Untried.SUSPECT)

    async def _converse(self, left: dict[str, Request], tell: Tell) -> None:
        """Have every request in `left` answered and gone from there."""
        patience_s = max(request.patience_s for request in left.values())
        try:
            if not self._conversation.clean:
                raise FrameError("the runner spoke without being asked")
            with anyio.fail_after(patience_s):
                await self._conversation.send(b"".join(request.frame for request in left.values()))
            while left:
                with anyio.fail_after(patience_s):
                    reply = await self._conversation.receive()
                if (request := left.get(str(reply.pop("nonce", "")))) is None:
                    raise FrameError("it belongs to another job")
                answer = await self._answer(reply, request.job)
                del left[request.nonce]
                tell(request, answer)
        except TimeoutError as error:
            raise CellError("no_reply", f"The runner of {self.name} did not answer in time.") from error
        except FrameError as error:
            raise CellError("bad_reply", f"The answer of {self.name} makes no sense: {error}.") from error
        except StreamError as error:
            raise await self._post_mortem() from error

    async def _answer(self, reply: Message, job: Job) -> Answer:
        answer = _answer(reply, job)
        if isinstance(answer, Outcome) and answer.verdict is Verdict.OUT_OF_MEMORY:
            try:
                self._refuse_cut_memory(await self._inspect())
            except CellError as fault:
                return fault
        return answer

    async def remove(self) -> None:
        """Hang up and remove the container; what the engine refuses now, the end of the run removes."""
        self._removed = True
        if self._stream is not None:
            self._stream.close()
        with anyio.move_on_after(_REMOVE_S, shield=True):
            try:
                await self._engine.call(owner.remove, self._engine.api, [self.name])
            except ENGINE_ERRORS:
                return

    @property
    def _conversation(self) -> Stream:
        if self._stream is None:
            raise StreamError("the container was never attached")
        return self._stream

    def _launch(self, options: dict[str, Any]) -> None:
        """On a worker thread, which goes on where its task is cancelled: so it checks whether it is still wanted."""
        api = self._engine.api
        api.create_container(name=self.name, **options)
        if self._removed:
            owner.remove(api, [self.name])
            return
        stream = self._stream = Stream.attach(api, self.name)
        try:
            api.start(self.name)
        except ENGINE_ERRORS:
            stream.close()
            raise

    async def _post_mortem(self) -> CellError:
        """Why the stream ended. Only a container that ended by itself can be the program's doing."""
        try:
            state = await self._final_state()
        except CellError as fault:
            return fault
        if state["Running"]:
            return CellError("stream_lost", f"The engine dropped the stream of {self.name}, which is still running.")
        if state["OOMKilled"]:
            return CellError("container_died", "The container ran out of memory.", Verdict.OUT_OF_MEMORY)
        if state["ExitCode"] in _KILLED:
            return CellError("container_killed", f"Somebody killed the container {self.name} while a job ran.")
        words = f"The container ended with status {state['ExitCode']}. {self._conversation.error_tail}"
        return CellError("container_died", words.strip(), Verdict.ERROR)

    async def _final_state(self) -> dict[str, Any]:
        """The container's state, once the engine has noticed the end that closed the stream."""
        for _ in range(_EXIT_POLLS):
            found = await self._inspect()
            if not found["State"]["Running"]:
                break
            await anyio.sleep(_EXIT_POLL_S)
        if found["State"]["OOMKilled"]:
            self._refuse_cut_memory(found)
        state: dict[str, Any] = found["State"]
        return state

    async def _inspect(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = await self._engine.call(self._engine.api.inspect_container, self.name)
        except NotFound as error:
            raise CellError("container_removed", f"Somebody removed the container {self.name}.") from error
        except ENGINE_ERRORS as error:
            raise _engine_fault(error) from error
        return found

    def _refuse_cut_memory(self, found: dict[str, Any]) -> None:
        """Memory that runs out in a container with less of it than we gave is nobody's verdict."""
        if found["HostConfig"]["Memory"] != self._memory:
            raise CellError("memory_cut", f"Somebody changed the memory limit of {self.name} while a job ran.")

    async def _autopsy(self) -> str:
        return str(await self._post_mortem()) if self._stream is not None else ""


def _answer(reply: Message, job: Job) -> Answer:
    """What a reply says. FrameError: it is none to this job."""
    if reply.pop("id", None) != job.id:
        raise FrameError("it belongs to another job")
    if reply.get("later"):
        return Untried.GIVEN_BACK
    if reply.get("fault") == _BROKEN_CHECK:
        return SandboxError(
            f"{job.id}: the check itself does not run: {_text(reply.get('message', ''))}",
            "Correct the test or the setup of this problem in its suite.",
            reason=_BROKEN_CHECK,
        )
    if "fault" in reply:
        # A program that has itself killed each time (RLIMIT_CPU can) must not end up without a verdict.
        charge = Verdict.ERROR if reply["fault"] == _CANDIDATE_KILLED else None
        return CellError(_text(reply["fault"]), _text(reply.get("message", "")), charge)
    for field in ("detail", "output"):
        reply[field] = _text(reply.get(field, ""))
    try:
        return Outcome(id=job.id, **reply)
    except (ValidationError, TypeError) as error:
        raise FrameError(f"it has not the agreed fields: {error}") from error


def _text(value: object) -> str:
    """Programs print lone surrogates too; a record holds none."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _engine_fault(error: BaseException) -> CellError:
    if away(error):
        return CellError("engine_away", f"The Docker engine does not answer: {error}.")
    return CellError("engine_error", f"The Docker engine refused: {error}.")
