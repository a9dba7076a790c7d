"""Where Puma listens, by itself or started by `rails server`.

Facts: puma/configuration.rb default binds, puma/dsl.rb port, bind; railties `server_command.rb`: PORT and BINDING count like the
options, and what neither they nor these say is left to Puma's own file.

Facts: docs/facts/listening.md#other-servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploylint.lazy import regex
from deploylint.model.listening import Listening
from deploylint.model.value import Value, default, unknown
from deploylint.servers.drains.ruby import puma_file, said_in, serves_with_puma
from deploylint.servers.listening import as_port, narrowed, opened, parsed

if TYPE_CHECKING:
    from deploylint.servers.settings import Settings

_ELSEWHERE = regex(r"(?m)^[^#\n]*\b(?:bind|ssl_bind|bind_to_activated_sockets|activate_control_app)\b")
"""What makes Puma listen on more than a port, or elsewhere."""
_PUMA, _RAILS = 9292, 3000


def puma(settings: Settings) -> Listening | None:
    """Puma with one port; None if its file can't be read or says more than that."""
    is_rails = settings.program.text.strip("\"'").endswith("rails")
    if is_rails and not serves_with_puma(settings):
        return None
    is_sure, text = puma_file(settings)
    if not is_sure or (text is not None and _ELSEWHERE.search(text.text)):
        return None
    host = settings.argument(("-b", "--bind", "--binding"))
    number = settings.argument(("-p", "--port"))
    if host is not None and not is_rails:
        place = parsed(host, _PUMA) if number is None else None
        return None if place is None else _listening(settings, *place)
    if is_rails:
        host, number = host or settings.variable("BINDING"), number or settings.variable("PORT")
    number = number or said_in(settings, text, "port")
    owner = "Rails default" if is_rails else "Puma default"
    port: Value[int] = default(_RAILS if is_rails else _PUMA, settings.program, owner) if number is None else as_port(number)
    address: Value[str] = unknown(settings.program, "depends on the environment") if is_rails else default("", None, owner)
    return _listening(settings, address if host is None else narrowed(host, host.content), port)


def _listening(settings: Settings, address: Value[str], port: Value[int]) -> Listening:
    edit = opened(address) if address.is_known else None
    return Listening("Puma", settings.program, address, port, "-b 0.0.0.0", edit, "-p {}")
