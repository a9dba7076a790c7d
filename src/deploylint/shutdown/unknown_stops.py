"""Why nothing is known of how a unit starts or stops: the one wording of the timeline, the summary and `--show-files`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploylint.model.deployment import Unit


def reason(unit: Unit) -> str:
    """One clause for a unit whose main process, or the effect of its stop signal, isn't known."""
    main = unit.main
    if main is not None:
        return f"no known server: `{main.program}`" if main.program else "its command is computed"
    if unit.image is not None or unit.project is not None:
        return "its start can't be followed"
    reference = unit.container.image.content if unit.container else ""
    return f"not linked: `{reference}`" if reference else "not linked to a Dockerfile"
