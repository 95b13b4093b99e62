"""Why an address does not answer, found step by step: name, port, TLS."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.llm.transport import proxy_for

_TIMEOUT = 3.0
WRITE_ADDRESS = "Write `base_url` as `http://host:port/v1`."


@dataclass(frozen=True, slots=True)
class Trouble:
    what: str
    remedy: str


def connection_trouble(url: str) -> Trouble | None:
    """What is wrong between here and the host of `url`, None if connections to it are good. Blocks up to some seconds."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host:
        return Trouble(f"`{url}` is no web address", WRITE_ADDRESS)
    proxy = proxy_for(url)
    if proxy:
        return Trouble(
            f"{host} is not reached through the proxy {_without_password(proxy)}",
            f"Mend {parts.scheme.upper()}_PROXY, or put {host} into NO_PROXY.",
        )
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return Trouble(f"the name {host} is not known (DNS)", "Check `base_url` for a typing error, and the network or VPN.")
    try:
        # The one thing or the other, on a connection of its own: a server may serve one connection at a time.
        with socket.create_connection((str(addresses[0][4][0]), port), _TIMEOUT) as plain:
            if parts.scheme == "https":
                return _tls_trouble(plain, host, port)
    except TimeoutError:
        return Trouble(f"{host} port {port} does not answer", "Check the port, and firewalls or a VPN between here and there.")
    except ConnectionRefusedError:
        return Trouble(
            f"nothing listens on {host} port {port} (connection refused)",
            "Start the server, or mend host and port of `base_url`.",
        )
    except OSError as error:
        return Trouble(f"{host} port {port} is not reached: {error.strerror or error}", "Check the network or VPN.")
    if _speaks_tls(host, port):
        return Trouble(f"{host} port {port} speaks TLS, and `base_url` does not", "Write `base_url` with https://.")
    return None


def _tls_trouble(plain: socket.socket, host: str, port: int) -> Trouble | None:
    try:
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host):
            return None
    except ssl.SSLCertVerificationError as error:
        return Trouble(
            f"the TLS certificate of {host} is not trusted: {error.verify_message}",
            "If it is of a company's own authority, name that in SSL_CERT_FILE; else check the host and this machine's clock.",
        )
    except TimeoutError:
        return Trouble(
            f"{host} port {port} does not answer over TLS", "If the server has no TLS, write `base_url` with http://."
        )
    except (ssl.SSLError, ConnectionError) as error:
        why = getattr(error, "reason", None) or error
        return Trouble(f"{host} port {port} speaks no TLS ({why})", "If the server has no TLS, write `base_url` with http://.")


def _speaks_tls(host: str, port: int) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent over it: only whether it speaks TLS is asked
    try:
        with socket.create_connection((host, port), _TIMEOUT) as plain, context.wrap_socket(plain, server_hostname=host):
            return True
    except OSError:
        return False


def _without_password(proxy: str) -> str:
    parts = urlsplit(proxy)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
