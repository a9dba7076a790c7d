"""An arq worker that gives itself one slow job."""

import asyncio
from pathlib import Path


async def slow(ctx):
    Path("started").touch()
    while not Path("finish").exists():
        await asyncio.sleep(0.02)
    Path("finished").touch()


async def enqueue(ctx):
    await ctx["redis"].enqueue_job("slow")


class Settings:
    functions = [slow]
    on_startup = enqueue


class PatientSettings:
    functions = [slow]
    on_startup = enqueue
    job_completion_wait = 30


class HastySettings:
    functions = [slow]
    on_startup = enqueue
    job_completion_wait = 1
