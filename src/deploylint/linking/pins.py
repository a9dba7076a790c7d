"""Links that the user states in `[[tool.deploylint.link]]`: they win over every evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.discovery.settings import ConfigError, did_you_mean
from deploylint.paths import relative

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploylint.discovery.settings_keys import Pin
    from deploylint.model.app import App
    from deploylint.model.workload import Container, Workload


class Pins:
    """The user's links, checked: each names a workload, a Dockerfile, an app that exist. Raises `ConfigError`."""

    def __init__(self, pins: tuple[Pin, ...], workloads: Iterable[Workload], images: Iterable[str], apps: Iterable[App]) -> None:
        self.pins = pins
        if pins:
            names = {name for workload in workloads for container in workload.containers for name in _names(workload, container)}
            for pin in pins:
                _check(pin, "workload", pin.workload, names)
                _check(pin, "image", pin.image and relative("", pin.image), set(images))
                _check(pin, "app", pin.app and (relative("", pin.app) or "."), {app.root or "." for app in apps})

    def image_of(self, workload: Workload, container: Container) -> tuple[str, Pin] | None:
        """The Dockerfile pinned to a container."""
        for pin in self.pins:
            if pin.workload and pin.image and pin.workload in _names(workload, container):
                return relative("", pin.image), pin
        return None

    def app_of(self, image: str, workload: Workload | None, container: Container | None) -> tuple[str, Pin] | None:
        """The app's folder pinned to an image, or to a container."""
        for pin in self.pins:
            if not pin.app:
                continue
            names = _names(workload, container) if workload and container else set()
            if (pin.workload and pin.workload in names) or (not pin.workload and pin.image and relative("", pin.image) == image):
                return relative("", pin.app), pin
        return None


def _names(workload: Workload, container: Container) -> set[str]:
    """All the ways to write a container's workload: `Deployment/web`, with its file before, with the container after."""
    short = {f"{workload.kind}/{workload.name}", workload.identity}
    long = short | {f"{workload.source.path}:{name}" for name in short}
    return long | {f"{name}:{container.name}" for name in long}


def _check(pin: Pin, key: str, value: str, known: set[str]) -> None:
    if value and value not in known:
        where = f"{pin.span.where}: " if pin.span else ""
        raise ConfigError(f"{where}link names the {key} `{value}`, which isn't in the tree; {did_you_mean(value, sorted(known))}")
