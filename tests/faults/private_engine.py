"""A Docker engine of a test's own, which may be stopped, killed, held and filled up without anybody else's noticing."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from docker import APIClient

from tests.faults.rig import wait_until

_DISK = "size=700m"


class PrivateEngine:
    """A dockerd with a disk, a socket and containers of its own, as a context manager. Needs root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disk = folder / "disk"
        self.url = f"unix://{folder}/s"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "PrivateEngine":
        self.disk.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", _DISK, "none", self.disk], check=True)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for mount in sorted(self._mounts(), reverse=True):
            subprocess.run(["umount", "-l", mount], check=False)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (self.folder / "pid").unlink(missing_ok=True)  # a killed one leaves its own behind
        options = ("--data-root", self.disk, "--exec-root", self.folder / "x", "--pidfile", self.folder / "pid")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                # A network of its own: a dockerd without a bridge takes docker0 away from the machine's own engine.
                ["unshare", "--net", "dockerd", *options, "-H", self.url, "--iptables=false", "--bridge=none"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers)

    def stop(self) -> None:
        """As a service manager does it: its containers are killed with it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        self._process.wait(60)

    def kill(self) -> None:
        """SIGKILL to it and to the containerd that it started."""
        assert self._process is not None
        note = self.folder / "x" / "containerd" / "containerd.pid"
        containerd = int(note.read_text())
        self._process.kill()
        self._process.wait(60)
        os.kill(containerd, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{containerd}").exists())
        note.unlink()

    def hold(self) -> None:
        """SIGSTOP: it accepts connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def release(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def api(self) -> APIClient:
        """A client of it."""
        return APIClient(self.url, version="1.41")

    def load(self, images: bytes) -> None:
        """What `docker save` gave."""
        with closing(self.api()) as api:
            for event in api.load_image(images):
                assert "error" not in event, event

    def leftovers(self) -> list[object]:
        """Containers and volumes, whosever they are."""
        with closing(self.api()) as api:
            return [*api.containers(all=True), *(api.volumes()["Volumes"] or ())]

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(self.url.removeprefix("unix://"))
                door.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
                return b" 200 " in door.recv(100)
            except OSError:
                return False

    def _mounts(self) -> Iterator[str]:
        for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
            target = line.split()[1]
            if target.startswith(str(self.folder)):
                yield target
