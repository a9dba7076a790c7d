"""A dramatiq worker process that gives itself one slow job; its queue is in memory."""

import time
from pathlib import Path

import dramatiq
from dramatiq.brokers.stub import StubBroker


class Enqueue(dramatiq.Middleware):
    def after_process_boot(self, broker):
        slow.send()


broker = StubBroker(middleware=[Enqueue()])
dramatiq.set_broker(broker)


@dramatiq.actor
def slow():
    Path("started").touch()
    while not Path("finish").exists():
        time.sleep(0.02)
    Path("finished").touch()
