"""Which address the phones can reach."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import time

_known: tuple[float, frozenset[str]] = (float("-inf"), frozenset())


def own_addresses() -> frozenset[str]:
    """Return this machine's own IPv4 addresses and names, looked up at most every ten seconds."""
    global _known
    if time.monotonic() - _known[0] > 10:
        _known = (time.monotonic(), frozenset(_look_up()))
    return _known[1]


def _look_up() -> set[str]:
    found = {"127.0.0.1"}
    name = socket.gethostname().lower()
    found.update({name, f"{name}.local"})
    try:
        found.update(str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET))
    except OSError:
        pass
    route = outward_address()
    return found | {route} if route else found


def outward_address() -> str | None:
    """Return the address other machines on the network would reach, or None where there is no network.

    A datagram socket is pointed outwards, which picks the interface; nothing is sent.
    """
    for target in ("192.0.2.1", "10.255.255.255"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))
            except OSError:
                continue
            address = str(probe.getsockname()[0])
            if not ipaddress.ip_address(address).is_loopback and address != "0.0.0.0":
                return address
    return None


def is_reachable_by_phones(url: str) -> bool:
    """Say whether an address looks like one that another device can open: not loopback, not empty."""
    host = url.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0].strip("[]")
    if not host or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def from_this_machine(host: str) -> str:
    """Return the host under which this machine itself reaches a server that listens on `host`."""
    if host in ("", "0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def raise_open_files() -> None:
    """Allow this process as many open files as the system lets it: each stream is one."""
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
