"""The keys that flyctl reads in a fly.toml, section by section, and those of a file that it passes over.

The sections are the fields of `Config` (superfly/flyctl `internal/appconfig/config.go`, `service.go`, `toplevelcheck.go`;
superfly/fly-go for ports and machines), with the older spellings that `patches.go` rewrites: `fly config validate --strict` names
the same keys. Facts: docs/facts/fly.md#keys-that-are-ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.model.workload import Ineffective, UnknownSetting
from deploylint.syntax.toml import Array, Scalar, Table
from deploylint.text import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploylint.syntax.toml import Entry, Item

_ANY: dict[str, object] = {"*": None}
"""A section whose keys are the app's own."""


def _section(names: str, **sections: dict[str, object]) -> dict[str, object]:
    """A section: its keys, and the sections below it; `*` stands for names of the app's own."""
    return {**dict.fromkeys(names.split()), **sections}


_CHECK = "interval timeout grace_period method path protocol tls_skip_verify tls_server_name"
_HTTP_CHECK = _section(_CHECK, headers=_ANY)
_TOP_CHECK = _section(f"{_CHECK} port type processes name", headers=_ANY)
_MACHINE_CHECK = _section("command image entrypoint kill_signal kill_timeout")
_TLS = _section("alpn versions default_self_signed")
_HTTP = _section(
    "compress h2_backend idle_timeout headers_read_timeout replay_cache", response=_section("pristine", headers=_ANY)
)
_PORT = _section(
    "port start_port end_port handlers force_https", tls_options=_TLS, http_options=_HTTP, proxy_proto_options=_section("version")
)
_LIMITS = _section("type hard_limit soft_limit")
_MACHINE = _section(
    "size memory cpu_kind cpus memory_mb max_memory_mb gpus gpu_kind host_dedication_id persist_rootfs kernel_args processes"
)
_MOUNT = _section(
    "source destination initial_size snapshot_retention scheduled_snapshots auto_extend_size_threshold auto_extend_size_increment"
    " auto_extend_size_limit processes"
)
_METRICS = _section("port path https processes")
_AUTOSTOP = "auto_stop_machines auto_start_machines min_machines_running processes"

_KEYS = _section(
    "app primary_region kill_signal kill_timeout swap_size_mb console_command host_dedication_id machine_config container",
    experimental=_section(
        "cmd entrypoint exec auto_rollback enable_consul enable_etcd lazy_load_images machine_config kill_timeout metrics_port"
        " metrics_path",
        attached=_section("", secrets=_section("", export=_ANY)),
    ),
    build=_section(
        "builder buildpacks image builtin dockerfile ignorefile build-target build_target compression compression_level",
        args=_ANY, settings=_ANY, compose=_section("file"),
    ),
    deploy=_section(
        "strategy max_unavailable wait_timeout release_command release_command_timeout seed_command", release_command_vm=_MACHINE
    ),
    env=_ANY,
    processes=_ANY,
    mount=_MOUNT,
    mounts=_MOUNT,
    http_service=_section(
        f"internal_port force_https {_AUTOSTOP}", concurrency=_LIMITS, tls_options=_TLS, http_options=_HTTP, checks=_HTTP_CHECK,
        machine_checks=_MACHINE_CHECK,
    ),
    services=_section(
        f"protocol internal_port {_AUTOSTOP}", ports=_PORT, concurrency=_LIMITS,
        tcp_checks=_section("interval timeout grace_period"), http_checks=_HTTP_CHECK, machine_checks=_MACHINE_CHECK,
    ),
    checks=_section("", **{"*": _TOP_CHECK}),
    machine_checks=_MACHINE_CHECK,
    files=_section("guest_path local_path secret_name raw_value processes"),
    restart=_section("policy retries processes"),
    vm=_MACHINE,
    compute=_MACHINE,
    computes=_MACHINE,
    statics=_section("guest_path url_prefix tigris_bucket index_document"),
    metric=_METRICS,
    metrics=_METRICS,
)  # fmt: skip

_WRITTEN_BY_FLYCTL = frozenset("script_checks allowed_public_ports private_network restart_limit enable_shared_ipv4".split())
"""Keys that older versions of flyctl wrote into new files, and that were never anybody's intent."""
_TOLD_ELSEWHERE = frozenset(("kill_timeout", "kill_signal"))
"""Keys whose wrong place the rule about stop settings names."""
_MEANT = {"build.target": "build-target", "build.docker_build_target": "build-target", "build.context": ""}


def ineffective_settings(root: Table) -> Iterator[Ineffective]:
    """The stop settings and time limits of a fly.toml that flyctl refuses, passes over or reads in another unit."""
    timeout = root.string("kill_timeout")
    if timeout and timeout.text.isdecimal():
        text, span = f"{timeout.text}s", timeout.whole
        yield Ineffective("kill_timeout", span, "refused", "text needs a unit", f"write `{text}`", Edit(span, text))
    for where, table in _sections(root):
        for name in ("kill_timeout", "kill_signal"):
            entry = table.get(name)
            is_old = (where, name) == ("experimental", "kill_timeout")
            if entry and not (is_old and root.get(name) is None):
                why = f"stands under `[{where}]`, not at the top"
                yield Ineffective(name, entry.key, "ignored", why, f"move `{name}` above the first `[section]`")
    for name in ("wait_timeout", "release_command_timeout"):
        item = root.item("deploy", name)
        if isinstance(item, Scalar) and isinstance(item.value, int) and 0 < item.value < 1e9:
            advice, change = f'write `"{item.value}s"`', Edit(item.span, f'"{item.value}s"')
            note = "what waits for it gives up at once"
            yield Ineffective(name, item.span, "misread", "flyctl counts nanoseconds", advice, change, note)


def _sections(table: Table, name: str = "") -> Iterator[tuple[str, Table]]:
    """Every section below a table with its name, but those whose machines have a stop of their own."""
    for entry in table.entries.values():
        path = f"{name}.{entry.name}" if name else entry.name
        for inner in table.tables(entry.name) if entry.name not in ("machine_checks", "processes") else ():
            yield path, inner
            yield from _sections(inner, path)


def unknown_settings(root: Table) -> tuple[UnknownSetting, ...]:
    """The settings of a fly.toml that flyctl passes over. Sections of a name it doesn't know may be another program's."""
    return tuple(_unknown(root, _KEYS, ""))


def _unknown(table: Table, known: dict[str, object], section: str) -> Iterator[UnknownSetting]:
    for entry in table.entries.values():
        path = f"{section}.{entry.name}" if section else entry.name
        if entry.name in known:
            below = known[entry.name]
        elif "*" in known:
            below = known["*"]
        else:
            yield from _setting(entry, table, known, section)
            continue
        if isinstance(below, dict):
            for inner in table.tables(entry.name):
                yield from _unknown(inner, below, path)


def _setting(entry: Entry, table: Table, known: dict[str, object], section: str) -> Iterator[UnknownSetting]:
    if entry.name in _WRITTEN_BY_FLYCTL | _TOLD_ELSEWHERE or _is_empty(entry.item):
        return
    path = f"{section}.{entry.name}" if section else entry.name
    meant = _MEANT[path] if path in _MEANT else _alike(entry.name, known)
    if not section and not meant and not isinstance(entry.item, Scalar):
        return
    homes = () if meant else tuple(_homes(entry.name, _KEYS, ""))
    edit = Edit(entry.key, meant) if meant and meant not in table.entries and entry.key.text == entry.name else None
    text = entry.item.fragment.text if isinstance(entry.item, Scalar) and entry.item.fragment else ""
    yield UnknownSetting(entry.name, section, entry.key, text, meant, homes, edit)


def _is_empty(item: Item) -> bool:
    if isinstance(item, Scalar):
        return item.value == ""
    return not (item.items if isinstance(item, Array) else item.entries)


def _alike(name: str, known: dict[str, object]) -> str:
    """The key of the same section that differs in a letter or two, or only in its hyphens."""
    from difflib import get_close_matches

    same = next((key for key in known if key.replace("-", "_") == name.replace("-", "_").lower()), "")
    return same or next(iter(get_close_matches(name, known, n=1, cutoff=0.84)), "")


def _homes(name: str, known: dict[str, object], section: str) -> Iterator[str]:
    """The sections that do have a key of this name; '' for the top of the file."""
    if section not in ("mount", "compute", "computes", "metric") and known.get(name, known) is None:
        yield section
    for key, below in known.items():
        if isinstance(below, dict) and key != "*":
            yield from _homes(name, below, f"{section}.{key}" if section else key)
