"""An ASGI app whose every request is slow: it ends when the file `finish` is there."""

import asyncio
from pathlib import Path


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    Path("started").touch()
    while not Path("finish").exists():
        await asyncio.sleep(0.02)
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"finished"})
