"""A slow job for RQ, and what puts it into the queue."""

import time
from pathlib import Path


def slow():
    Path("started").touch()
    while not Path("finish").exists():
        time.sleep(0.02)
    Path("finished").touch()
