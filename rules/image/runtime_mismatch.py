"""What one stage builds can't run in the image that ships it."""

from __future__ import annotations

from collections.abc import Iterator

from deploylint.finding import Finding, Fix, Label, Rule
from deploylint.model.deployment import Deployment
from deploylint.model.image import Image
from ._mismatch import Mismatch, mismatches
from ._releases import same_release, slimmer

RULE = Rule(severity="error", fix="unsafe", precision="very-high")

_SAME = "{same_release}"
_STATIC = {"rust": ", or build with `--target x86_64-unknown-linux-musl`", "go": ", or build with `CGO_ENABLED=0`"}
_COMPILED = "{subject} is compiled for {needs}, but {has}"
_USES = {"python": "be found", "site": "be found", "modules": "be loaded", "node": "be loaded"}
# Kind → message, consequence, advice.
_TEXTS: dict[str, tuple[str, str, str]] = {
    "libc": ("{subject} is linked against {needs}, but {has}",
        "it does not start: `no such file or directory` means the loader that it names, not the file", _SAME),
    "glibc": ("{subject} {verb} glibc {needs}, but the image has {has}",
        "what it links against is missing where it runs: version `GLIBC_{needs}' not found", _SAME),
    "openssl": ("{subject} needs OpenSSL {needs}, but the image has {has}",
        "`:crypto` looks for libcrypto.so.{needs} and does not load: TLS, cookies and tokens fail as the app starts", _SAME),
    "libstdc++": ("{subject} needs {needs}, but {has}",
        "Erlang does not start: Error loading shared library libstdc++.so.6 (needed by beam.smp)",
        "install it in the image that ships: `apk add --no-cache libstdc++ openssl ncurses-libs`"),
    "libgcc": ("{subject} needs {needs}, but {has}", "it does not start: cannot open shared object file `libgcc_s.so.1`",
        "ship on `distroless/cc`, which is `base` with libgcc"),
    "shell": ("{subject} needs {needs}, but {has}",
        "every command in its bin is a shell script: `start` fails (`no such file or directory`), and so does `remote`",
        "ship on an image with a shell{slimmer}"),
    "python": ("{subject} does not find the packages of Python {needs}", "they lie in lib/python{needs}, where Python {has} "
        "does not look: ModuleNotFoundError at the first import", "use the same version of Python in both stages"),
    "site": ("{subject} does not look where the packages are", "it looks in dist-packages, that of `python` in site-packages: "
        "ModuleNotFoundError at the first import", "set `PYTHONPATH={needs}`, or ship on the image that installed them"),
    "interpreter": ("{subject} links to a Python that is not in the image",
        "its bin/python links to {needs}: nothing in the environment starts (`no such file or directory`)",
        "ship on the image that the environment is made on, or `COPY --from` its Python as well"),
    "script": ("{subject} starts a Python that is not in the image",
        "its first line names the Python in {needs}: `no such file or directory`, though the script is there",
        "make the environment at {has} in the build stage too, or start it as `{has}/bin/python -m …`"),
    "modules": (_COMPILED, "it cannot be loaded: the app fails as it imports it",
        "install on an image with the C library of the one that ships"),
    "node": (_COMPILED + " loads it", "it cannot be loaded: compiled against a different Node.js version (NODE_MODULE_VERSION)",
        "use the same major version of Node in both stages"),
}  # fmt: skip


def check(deployment: Deployment) -> Iterator[Finding]:
    yield from (_finding(image, mismatch) for image, mismatch in mismatches(deployment))


def _finding(image: Image, mismatch: Mismatch) -> Finding:
    crossing, can = mismatch.crossing, "cannot" if mismatch.is_certain else "may not"
    message, consequence, advice = (text.format_map(_words(mismatch)) for text in _TEXTS[mismatch.kind])
    related = [
        (crossing.builder.span, mismatch.built),
        (crossing.command, "is built here"),
        *mismatch.related,
        (crossing.runtime.span, mismatch.runs),
    ]
    return Finding(
        message,
        primary=Label(crossing.copy.span, f"{can} {_USES.get(mismatch.kind, 'run')} in this image"),
        related=tuple(Label(span, text) for span, text in related if text),
        notes=(consequence,),
        help="" if mismatch.edit else advice + (_STATIC.get(crossing.artifact, "") if mismatch.kind == "libc" else ""),
        fix=Fix(f"ship on `{mismatch.edit.replacement}`", (mismatch.edit,)) if mismatch.edit else None,
        subject=f"{image.path}:{crossing.artifact}",
        severity="error" if mismatch.is_certain else "warning",
    )


def _words(mismatch: Mismatch) -> dict[str, str]:
    verb = "needs" if mismatch.is_certain else "may need"
    words = {"subject": mismatch.subject, "needs": mismatch.needs, "has": mismatch.has, "verb": verb}
    return {**words, "slimmer": slimmer(mismatch.crossing), "same_release": same_release(mismatch.crossing)}
