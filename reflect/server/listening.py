"""Whether this machine can listen at an address and a port."""

import errno
import socket


def why_not(host: str, port: int) -> str | None:
    """Return why nothing can listen there now, in a sentence; None if it can."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as listener:
                # As gunicorn does it: a connection that is closing does not keep the port.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(address)
    except OSError as error:
        return _sentence(error, f"{host}, port {port}")
    return None


def bind_address(host: str, port: int) -> str:
    """Return the two as one address, in which an IPv6 host stands between brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _sentence(error: OSError, place: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Another program listens at {place}: stop it, or choose another REFLECT_PORT."
    if error.errno == errno.EACCES:
        return f"Reflect may not listen at {place}: choose a REFLECT_PORT above 1023."
    return f"This machine cannot listen at {place}: look at REFLECT_HOST and REFLECT_PORT."
