"""A WSGI app whose every request is slow: it ends when the file `finish` is there."""

import time
from pathlib import Path


def app(environ, start_response):
    Path("started").touch()
    while not Path("finish").exists():
        time.sleep(0.02)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "8")])
    return [b"finished"]
