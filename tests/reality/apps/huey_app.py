"""A huey consumer that gives itself one slow job; its queue is in memory."""

import time
from pathlib import Path

from huey import MemoryHuey

huey = MemoryHuey("shop")


@huey.task()
def slow():
    Path("started").touch()
    while not Path("finish").exists():
        time.sleep(0.02)
    Path("finished").touch()


@huey.on_startup()
def enqueue():
    slow()
