"""A tree's charts without Helm: the objects of the templates that can be read, and what is said of the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.deployment import Templated
from deploylint.platforms.helm.chart import Chart
from deploylint.platforms.helm.overrides import Overrides
from deploylint.platforms.helm.placing import is_unknown
from deploylint.platforms.kubernetes import KINDS, may_matter, objects
from deploylint.record import NamedTuple
from deploylint.syntax.gotemplate import TemplateError
from deploylint.syntax.yaml import YamlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from deploylint.syntax.yaml import Document, Mapping
    from deploylint.text import Files, Source

_OTHERS = ("Service", "HorizontalPodAutoscaler")
_WORKLOADS = "|".join(KINDS)
# A document of a kind that matters, of a kind that a template decides, or one that comes from elsewhere as a whole.
_MAY_DEPLOY = regex(rf"""^kind:[ \t]*["']?(?:{_WORKLOADS}|\w*List|\{{\{{)|^\{{\{{-?[ ]*(?:include|template)[ ]""", re.MULTILINE)
_MAY_SERVE = regex(rf"""^kind:[ \t]*["']?(?:{"|".join(_OTHERS)})\b""", re.MULTILINE)
_FROM_CONFIG_MAP = regex(r"\bconfigMap(?:Key)?Ref\b")
_CONFIG_MAP = regex(r"""^kind:[ \t]*["']?ConfigMap\b""", re.MULTILINE)


class Charts(NamedTuple):
    """What charts deploy: each object with its template and its chart's folder; ConfigMaps unparsed, for whoever names them."""

    objects: tuple[tuple[Mapping, Source, str], ...]
    config_maps: tuple[tuple[Document, str], ...]
    templated: tuple[Templated, ...]


def read(files: Files, templates: dict[str, list[str]], charts: frozenset[str], paths: Iterable[str]) -> Charts:
    """`templates`: by chart, those with template syntax; `paths`: all YAML files of the tree."""
    found: list[tuple[Mapping, Source, str]] = []
    config_maps: list[tuple[Document, str]] = []
    templated = []
    overrides: Overrides | None = None
    for folder, names in sorted(templates.items()):
        sources = [source for name in names if (source := files.read(name))]
        deploying = [source for source in sources if _MAY_DEPLOY.search(source.text)]
        if not deploying:
            continue
        overrides = overrides or Overrides(files, (path for path in paths if path.endswith((".yaml", ".yml"))), charts)
        chart = Chart(files, folder, overrides)
        if chart.is_library:
            continue
        unread = []
        for source in deploying:
            nodes = _objects(chart, source)
            if nodes is None:
                unread.append(source.path)
            else:
                found += [(node, source, folder) for node in nodes]
        deployed = set(deploying)
        for source in sources:
            if source not in deployed and _MAY_SERVE.search(source.text):
                found += [(node, source, folder) for node in _objects(chart, source) or ()]
        if any(_FROM_CONFIG_MAP.search(source.text) for source in deploying):
            config_maps += [(document, folder) for source in sources for document in _config_maps(chart, source)]
        if unread and chart.name:
            templated.append(Templated(chart.name, "Helm", tuple(unread), len(deploying)))
    return Charts(tuple(found), tuple(config_maps), tuple(templated))


def _objects(chart: Chart, source: Source) -> list[Mapping] | None:
    """The objects of a template; None if some of it only Helm can read."""
    try:
        documents = list(chart.render(source).documents())
        if any(is_unknown(document) for document in documents):
            return None
        return [node for document in documents if may_matter(document) for node in objects(document)]
    except (TemplateError, YamlError):
        return None


def _config_maps(chart: Chart, source: Source) -> Iterator[Document]:
    if _CONFIG_MAP.search(source.text):
        try:
            yield from (each for each in chart.render(source).documents() if each.values("kind") == ("ConfigMap",))
        except TemplateError:
            return
