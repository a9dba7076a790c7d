"""Values of a server's configuration file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.model.value import Value, known, unknown

if TYPE_CHECKING:
    from deploylint.text import Fragment


_IN_ENVIRONMENT = "set in the environment"


def configured(text: Fragment, key: str) -> Value[str]:
    """What a file says; one with a variable in it is for the environment to say."""
    return unknown(text.whole, _IN_ENVIRONMENT) if re.search(r"[${]", text.text) else known(text.text, text.whole, f"`{key}`")
