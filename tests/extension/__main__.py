"""deploylint with them: the program that docs/extending.md shows."""

from __future__ import annotations

import sys

from deploylint import cli, output
from deploylint.platforms import table as platforms
from deploylint.servers import table as servers

platforms.add(platforms.Reads("orbit", ("orbit.toml",), "tests.extension.platform"))
servers.add("tests.extension.server", "orbitd")
output.add(output.Format("orbit", "tests.extension.report"))
sys.exit(cli.main())
