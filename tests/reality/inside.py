"""The inside of one observation: a container runtime in miniature. Run by `observing.py` in namespaces of its own.

Reads a plan (JSON, standard input), runs its command as process 1 of a new PID namespace, waits for work to be in flight, sends
the signal, waits, sends SIGKILL, and prints what happened (JSON). Standard library only; every wait is bounded.

The project stands at /srv. Whatever works there writes the file `started` once work is in flight, goes on until the file
`finish` is there, then writes `finished` (or answers the request with that word). So nothing depends on how fast a machine is.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path("/srv")
START_LIMIT = 15.0
"""Seconds until work must be in flight."""
SETTLING = 0.3
"""Seconds between work in flight and the signal: until then a server has installed all its handlers."""
TICK = 0.01

_CLONE_NEWPID = 0x20000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


class Request:
    """One HTTP request in flight, tried again until a server takes it. Without threads: a process that has entered a new PID
    namespace for its children can't start any."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answer = b""
        self.socket: socket.socket | None = None

    def advance(self) -> None:
        """Connect if there is no connection, else take what has come."""
        if self.socket is None:
            if (ROOT / "started").exists():  # a server took it: what was cut off is not asked for again
                return
            self.answer = b""
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=0.5)
                self.socket.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            except OSError:
                self.socket = None
            return
        while select.select([self.socket], [], [], 0)[0]:
            try:
                received = self.socket.recv(65536)
            except OSError:
                received = b""
            if not received:
                self.socket.close()
                self.socket = None
                return
            self.answer += received

    def settle(self) -> None:
        """Take the rest, once nobody is left to send more."""
        deadline = time.monotonic() + 1
        while self.socket is not None and time.monotonic() < deadline:
            self.advance()

    @property
    def is_answered(self) -> bool:
        head, _, body = self.answer.partition(b"\r\n\r\n")
        return b" 200 " in head.partition(b"\r\n")[0] and b"finished" in body


def raise_loopback() -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))


def bind(source: str, target: str) -> None:
    subprocess.run(["mount", "--bind", source, target], check=True)


def start(plan: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The command as process 1 of a new PID namespace with its own /proc, as a container runtime starts it."""
    for ignored in (signal.SIGINT, signal.SIGQUIT):  # as a shell leaves them to what runs in its background
        signal.signal(ignored, signal.SIG_DFL)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWPID) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with Path(plan["log"]).open("ab") as log:
        return subprocess.Popen(
            ["unshare", "--mount-proc", *plan["command"]],
            cwd=ROOT,
            env=plan["environment"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def below(first: int) -> list[int]:
    """The processes of the namespace whose process 1 this is, without that one: as systemd signals a whole control group."""
    namespace = os.readlink(f"/proc/{first}/ns/pid")
    found = []
    for number in (int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != first):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{number}/ns/pid") == namespace:
                found.append(number)
    return found


def observe(plan: dict[str, Any]) -> dict[str, Any]:
    raise_loopback()
    bind(plan["project"], str(ROOT))
    if plan["shell"]:
        bind(plan["shell"], os.path.realpath("/bin/sh"))
    with Path(plan["log"]).open("ab") as log:
        subprocess.run(
            ["bash", "-c", plan["before"]],
            cwd=ROOT,
            env=plan["environment"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
            timeout=START_LIMIT,
        )

    process = start(plan)
    request = Request(plan["port"]) if plan["port"] else None
    deadline = time.monotonic() + START_LIMIT
    while not (ROOT / "started").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            return {"started": False}
        if request:
            request.advance()
        time.sleep(TICK)
    time.sleep(SETTLING)

    for number in below(process.pid) if plan["everyone"] else [process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.Signals[plan["signal"]])
    sent = time.monotonic()
    passed = 0.0
    while process.poll() is None and (passed := time.monotonic() - sent) < plan["window"]:
        if plan["work"] is not None and passed >= plan["work"]:
            (ROOT / "finish").touch()
        if request:
            request.advance()
        time.sleep(TICK)
    left = None if process.poll() is None else passed
    process.kill()
    process.wait()
    if request:
        request.settle()
    finished = request.is_answered if request else (ROOT / "finished").exists()
    return {"started": True, "finished": finished, "left": left}


if __name__ == "__main__":
    print(json.dumps(observe(json.load(sys.stdin))))
