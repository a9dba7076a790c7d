"""`python -m tests.fuzz.guided TARGET [libFuzzer's options]`: fuzzing that follows the branches a text reaches, with atheris.

    .venv/bin/python -m tests.fuzz.guided yaml -max_total_time=600 /tmp/corpus-yaml

libFuzzer keeps what reaches a new branch in the folder that is named last. atheris comes with the extra `fuzz`.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

MISSING = "skipped: atheris isn't installed (pip install -e '.[fuzz]')"


def main(arguments: list[str]) -> int:
    if find_spec("atheris") is None:
        print(MISSING)
        return 0
    import atheris

    name, *options = arguments
    with atheris.instrument_imports(include=["deploylint"]):
        from tests.fuzz.targets import load

        target = load(name)
        target.check("")
    from tests.fuzz.corpus import seeds

    def execute(data: bytes) -> None:
        target.check(data.decode("utf-8", "ignore"))

    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(seeds(target)):
            (Path(folder) / str(number)).write_text(text, "utf-8")
        atheris.Setup([sys.argv[0], *options, folder], execute)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
