"""All secrets that deployed files hold in plain text, one entry a cause.

Facts: docs/facts/secrets.md#secrets-in-manifests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from deploylint.record import NamedTuple
from deploylint.secrets.judge import Verdict, is_sample, judge, user_names
from deploylint.secrets.names import is_secret_name
from deploylint.secrets.values import is_harmless_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deploylint.model.deployment import Deployment
    from deploylint.text import Span


class Exposure(NamedTuple):
    """A secret in plain text."""

    kind: Literal["literal", "url", "token", "default", "user", "shared"]
    """`literal` a secret by its name · `url` a password in a URL · `token` a well-known token shape · `default` a password
    everyone knows · `user` a password that is the name of its user · `shared` a secret that a variable's default holds
    (`${KEY:-…}`), for everyone who sets nothing."""
    name: str
    """The variable or key."""
    span: Span
    """Its value, which is kept nowhere else."""
    holder: str
    """The platform whose variable it is, or the kind of object that holds it."""
    owner: str
    """The workload or the object, by name."""
    detail: str = ""
    """Which shape a `token` has; the variable of a `shared` one."""
    secret_from: str = ""
    """How the platform's file takes a secret from elsewhere, where a workload holds it."""

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
    sorted_causes = (sorted(cause, key=lambda exposure: exposure.kind in ("default", "user")) for cause in causes.values())
    return [(_subject(exposures[0]), tuple(exposures)) for exposures in sorted_causes]


def _subject(first: Exposure) -> str:
    return f"{first.span.path}:{first.owner}" + ("" if first.is_object else f":{first.name}")


def _all(deployment: Deployment) -> Iterator[tuple[tuple[str, str | int], Exposure]]:
    """Every secret, with what groups it. Objects first: a variable that comes from one isn't written where it is taken; nor is
    what a variable is filled in with."""
    for number, data_object in enumerate(deployment.data):
        holder = f"generated {data_object.kind}" if data_object.is_generated else data_object.kind
        users = user_names((key, value.content or "") for key, value in data_object.entries)
        for key, value in data_object.entries:
            verdict = _judged(key, value.content or "", data_object.kind == "Secret", users)
            if verdict and value.span and not is_sample(value.span):
                exposure = Exposure(verdict.kind, key, value.span, holder, data_object.name, verdict.detail)
                yield ("", number) if exposure.is_object else (value.span.path, verdict.secret), exposure
    develops = _for_development(deployment)
    for workload in deployment.workloads:
        for container in workload.containers if workload.is_production and workload.source.path not in develops else ():
            users = user_names((name, value.content or "") for name, value in container.environment.items())
            for name, value in container.environment.items():
                verdict = judge(name, value.content, users) if value.content else None
                written = value.span.text if value.span else ""
                if not verdict or not value.span or is_sample(value.span):
                    continue
                # A default that everyone knows is there to be replaced, and what comes from elsewhere is written there.
                is_own = verdict.kind in ("literal", "url", "token")
                variable = _default_with(verdict.secret, written) if is_own and "${" in written else ""
                if variable or ("${" not in written and (verdict.secret in written or "$$" in written)):
                    exposure = Exposure(
                        "shared" if variable else verdict.kind,
                        name,
                        value.span,
                        workload.platform.name,
                        workload.identity,
                        variable or verdict.detail,
                        workload.platform.secret_from,
                    )
                    yield (value.span.path, verdict.secret), exposure


def _default_with(secret: str, written: str) -> str:
    """The variable whose default (`${KEY:-…}`) holds a secret, in a value as it is written; '' if none does."""
    match = re.search(rf"\$\{{(\w{{1,100}}):?-[^{{}}]{{0,2000}}?{re.escape(secret)}", written)
    return match[1] if match else ""


def _for_development(deployment: Deployment) -> frozenset[str]:
    """The compose files that somebody works on the app with: they run databases and the like, but no app, or say `dev` where a
    secret belongs."""
    paths, serving, telling = set(), set(), set()
    for workload in deployment.workloads:
        if workload.platform.is_for_development_too:
            container = workload.containers[0]
            paths.add(workload.source.path)
            name = container.image.content or (container.image.span.text if container.image.span else "")
            if workload.build or _BACKING.isdisjoint(re.split(r"[^a-z0-9]+", name.lower())):
                serving.add(workload.source.path)
            if any(value.content in _DEVELOPMENT and is_secret_name(key) for key, value in container.environment.items()):
                telling.add(workload.source.path)
    return frozenset(paths - serving | telling)


def _judged(name: str, text: str, is_for_secrets: bool, users: Mapping[str, frozenset[str]]) -> Verdict | None:
    """The secret that a value is or holds. `is_for_secrets`: it stands in a Secret, where whole files and registry logins do."""
    verdict = judge(name, text, users)
    if verdict is None and is_for_secrets:
        text = text.strip()
        is_file = is_secret_name(name) and "\n" in text and not is_harmless_value(text)
        return Verdict("literal", text) if is_file or re.search(_REGISTRY, text) else None
    return verdict
