"""Compose files by their content: `production.yml` and `stack.yml` are compose files as much as `compose.yaml` is.

Every key has to be one of the specification, so that no other format with `services:` (values of a chart, Symfony's containers,
GitLab CI) is taken for one.

Source: https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json.
"""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Literal

from deploylint.lazy import regex
from deploylint.syntax.yaml import Mapping, Scalar, YamlError, documents, is_templated

if TYPE_CHECKING:
    from deploylint.text import Source

_ROOT = frozenset("version name services networks volumes secrets configs include models".split())
_SERVICE = frozenset(
    """
    annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
    cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy
    develop device_cgroup_rules devices dns dns_opt dns_search domainname driver_opts entrypoint env_file environment expose
    extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links
    logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models net network_mode networks
    oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy
    pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal
    storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volume_driver volumes volumes_from working_dir
    """.split()
)
_RUNS = frozenset(["image", "build", "extends", "provider"])
_MENTION = regex(r"services[\"']?[ \t]*:|\\(?:x|u00)[0-9a-fA-F]{2}")
_IMAGE = regex(r"^[ \t]+(?:image|build):[ \t]", re.MULTILINE)


def compose_part(source: Source) -> Literal["whole", "part", ""]:
    """What a YAML file without a telling name is to Compose: a project of its own, one that counts only where something names it
    (`-f base.yml -f extra.yml`), or none of its files. A broken file is whole if it was surely meant as one."""
    if not _MENTION.search(source.text) or basename(source.path).startswith("values"):
        return ""
    document = next(documents(source), None)
    if document is None or document.values("services") == () or document.values("kind") not in ((), None):
        return ""
    try:
        root = document.root
    except YamlError:
        return "whole" if _IMAGE.search(source.text) and not is_templated(source.text) else ""
    services = root.mapping("services") if isinstance(root, Mapping) else None
    if not isinstance(root, Mapping) or services is None or not services.entries or not _are_known(root, _ROOT):
        return ""
    entries = [entry.value for entry in services.entries.values()]
    if not all(isinstance(entry, Mapping) and entry.entries and _are_known(entry, _SERVICE) for entry in entries):
        return ""
    images = [entry.get("image") for entry in entries if isinstance(entry, Mapping)]
    if not all(image is None or isinstance(image, Scalar) for image in images):
        return ""
    return "whole" if any(isinstance(entry, Mapping) and not _RUNS.isdisjoint(entry.entries) for entry in entries) else "part"


def _are_known(node: Mapping, keys: frozenset[str]) -> bool:
    return not node.is_open and all(key in keys or key.startswith("x-") for key in node.entries)
