"""A Celery worker that gives itself one slow task; its queue is in memory."""

import os
import time
from pathlib import Path

from celery import Celery
from celery.signals import worker_ready

app = Celery("shop", broker="memory://")
app.conf.update(task_acks_late="ACKS_LATE" in os.environ)


@app.task
def slow():
    Path("started").touch()
    while not Path("finish").exists():
        time.sleep(0.02)
    Path("finished").touch()


@worker_ready.connect
def enqueue(**_):
    slow.delay()
