"""Regular expressions that are compiled when they are first used: a run needs a few of the hundred that its modules define."""

from __future__ import annotations

import re
from typing import Any, cast


class _Regex:
    """Stands for a compiled expression, whose methods it takes over one by one."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, method)
        return method


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile`, later. An error in the pattern shows at its first use; `re.search(…)` and the like want it compiled."""
    return cast("re.Pattern[str]", _Regex(pattern, flags))
