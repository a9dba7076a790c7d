"""All secrets that deployed files hold in plain text, one entry a cause.

Facts: docs/facts/secrets.md#secrets-in-manifests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.model.secrets import (
    find_token,
    is_default_credential,
    is_harmless_value,
    is_secret_name,
    names_a_secret,
    url_credentials,
    url_default,
    url_password,
)
from deploylint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deploylint.model.deployment import Deployment
    from deploylint.model.value import Value
    from deploylint.text import Span


class Exposure(NamedTuple):
    """A secret in plain text: `name` is the variable or key, `span` its value, which is kept nowhere else.

    kind: `literal` a secret by its name · `url` a password in a URL · `token` a well-known token shape, `detail` says which ·
    `default` a password everyone knows · `user` a password that is the name of its user.
    `holder`: the platform whose variable it is, or the kind of object that holds it.
    `owner`: the workload or the object, by name.
    """

    kind: Literal["literal", "url", "token", "default", "user"]
    name: str
    span: Span
    holder: str
    owner: str
    detail: str = ""

    @property
    def is_object(self) -> bool:
        """Whether it is a part of a Secret object, and not a value alone."""
        return self.holder.endswith("Secret")


_REGISTRY = r'"(?:auth|password)"\s*:\s*"[^"<${]{6,}"'
"""What `.dockerconfigjson` holds for each registry."""
_BACKING = frozenset(
    """
    postgres postgresql postgis pgvector timescaledb mysql mariadb percona mongo mongodb redis valkey keydb dragonfly memcached
    rabbitmq kafka zookeeper redpanda nats elasticsearch opensearch clickhouse minio mailhog mailpit maildev mailcatcher
    localstack elasticmq adminer pgadmin pgadmin4 phpmyadmin redisinsight cassandra scylla couchdb neo4j influxdb cockroach
    meilisearch typesense dynamodb azurite emulator emulators ollama
    """.split()
)
"""Words in the names of images of databases, caches and queues, and of what shows them."""
_DEVELOPMENT = frozenset(["dev", "development", "local"])


def exposures_by_cause(deployment: Deployment) -> list[tuple[str, tuple[Exposure, ...]]]:
    """Each secret with all its places in a file, the one that weighs most first, under a stable identity.

    One value in several places of a file is one cause, and so is one Secret object: it is replaced, or encrypted, as one.
    """
    causes: dict[tuple[str, str | int], list[Exposure]] = {}
    seen: set[Span] = set()
    for group, exposure in _all(deployment):
        if exposure.span not in seen:
            seen.add(exposure.span)
            causes.setdefault(group, []).append(exposure)
    found = (sorted(each, key=lambda exposure: exposure.kind in ("default", "user")) for each in causes.values())
    return [(_subject(each[0]), tuple(each)) for each in found]


def _subject(first: Exposure) -> str:
    return f"{first.span.path}:{first.owner}" + ("" if first.is_object else f":{first.name}")


def _all(deployment: Deployment) -> Iterator[tuple[tuple[str, str | int], Exposure]]:
    """Every secret, with what groups it. Objects first: a variable that comes from one isn't written where it is taken; nor is
    what a variable is filled in with."""
    for number, each in enumerate(deployment.data):
        holder = f"generated {each.kind}" if each.is_generated else each.kind
        for key, value in each.entries:
            found = _judged(key, value.content or "", each.kind == "Secret")
            if found and value.span:
                exposure = Exposure(found.kind, key, value.span, holder, each.name, found.detail)
                yield ("", number) if exposure.is_object else (value.span.path, found.secret), exposure
    develops = _for_development(deployment)
    for workload in deployment.workloads:
        for container in workload.containers if workload.is_production and workload.source.path not in develops else ():
            for name, value in container.environment.items():
                found = _judged(name, value.content) if value.content else None
                if found and found.kind == "literal" and _is_users_name(name, found.secret, container.environment):
                    found = found._replace(kind="user")
                written = value.span.text if value.span else ""
                if found and value.span and "${" not in written and (found.secret in written or "$$" in written):
                    exposure = Exposure(found.kind, name, value.span, workload.platform, workload.identity, found.detail)
                    yield (value.span.path, found.secret), exposure


def _for_development(deployment: Deployment) -> frozenset[str]:
    """The compose files that somebody works on the app with: they run databases and the like, but no app, or say `dev` where a
    secret belongs."""
    paths, serving, telling = set(), set(), set()
    for workload in deployment.workloads:
        if workload.platform == "compose":
            container = workload.containers[0]
            paths.add(workload.source.path)
            name = container.image.content or (container.image.span.text if container.image.span else "")
            if workload.build or _BACKING.isdisjoint(re.split(r"[^a-z0-9]+", name.lower())):
                serving.add(workload.source.path)
            if any(value.content in _DEVELOPMENT and is_secret_name(key) for key, value in container.environment.items()):
                telling.add(workload.source.path)
    return frozenset(paths - serving | telling)


def _is_users_name(name: str, secret: str, environment: Mapping[str, Value[str]]) -> bool:
    """Whether a password is the name of its own user, which a variable with the same first word holds."""
    first = name.partition("_")[0]
    return re.search(r"(?i)PASS(?:WORD|WD)?$", name) is not None and any(
        value.content is not None and value.content.lower() == secret.lower()
        for other, value in environment.items()
        if other.partition("_")[0] == first and re.search(r"(?i)USER(?:_?NAME)?$", other)
    )


class _Judged(NamedTuple):
    """What of a secret a value gives away: the secret itself is for comparing only."""

    kind: Literal["literal", "url", "token", "default", "user"]
    secret: str
    detail: str = ""


def _judged(name: str, text: str, is_for_secrets: bool = False) -> _Judged | None:
    """What of a secret a value gives away; None if it is none. `is_for_secrets`: it stands where secrets are kept, so that a
    whole file may be one."""
    token = find_token(text)
    if token:
        return _Judged("token", text[token[0] : token[1]], token[2])
    if url_credentials(text):
        start, end = url_password(text) or (0, 0)
        return _Judged("url", text[start:end])
    if default := url_default(text):
        return _Judged("default", default)
    is_secret = is_secret_name(name) or (is_for_secrets and re.search(_REGISTRY, text) is not None)
    text = text.strip()
    if not is_secret or ("\n" in text and not is_for_secrets):
        return None
    if is_default_credential(text):
        return _Judged("default", text)
    return None if is_harmless_value(text) or names_a_secret(text) else _Judged("literal", text)
