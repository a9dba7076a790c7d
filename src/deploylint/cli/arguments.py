"""What the command line says.

Most calls say paths and nothing else. To read these without argparse, which takes as long as Python itself takes to start, the
options and what they are when nobody gives them stand here; `parser` has their words.
"""

from __future__ import annotations

from deploylint.errors import UserError

STDIN_NAME = "stdin.yaml"
"""What standard input is called when nobody says: mostly it is a rendered chart."""


class UsageError(UserError):
    """Arguments that make no sense together, or a name that isn't known: one sentence."""


class Arguments:
    """The options, each as it is when it isn't given."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.select: list[str] = []
        self.ignore: list[str] = []
        self.explain = ""
        self.list_rules = False
        self.rules_dir: list[str] = []
        self.test_rules = ""
        self.update = False
        self.format = "full"
        self.output: list[tuple[str, str]] = []
        self.no_annotations = False
        self.sarif_category: str | None = None
        self.sarif_suppressed = False
        self.fail_on: str | None = None
        self.exit_zero = False
        self.color = "auto"
        self.baseline: str | None = None
        self.write_baseline: str | None = None
        self.diff_base: str | None = None
        self.config: str | None = None
        self.trust_config = False
        self.render = False
        self.stdin_filename: str | None = None
        self.show_files = False
        self.show_settings = False
        self.show_model = False
