"""A program with work in flight that drains on SIGTERM: it goes on until the file `finish` is there."""

import signal
import time
from pathlib import Path

stopping = False

def stop(*_):
    global stopping
    stopping = True

signal.signal(signal.SIGTERM, stop)

Path("started").touch()
while not (stopping and Path("finish").exists()):
    time.sleep(0.02)
Path("finished").touch()
