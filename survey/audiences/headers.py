"""Response headers, allowed hosts and the refusal of cross-site posts: the same for every answer."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest, Forbidden, UnsupportedMediaType
from werkzeug.wsgi import ClosingIterator

from survey import network

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}


def init_app(app: Flask) -> None:
    """Check host, origin and form before every request and set the headers after it."""
    app.before_request(_check_host)
    app.before_request(_check_origin)
    app.before_request(_check_form)
    app.after_request(_set_headers)


def allowed_hosts() -> set[str]:
    """Return the host names that are answered: the base address's, this machine's, those of the settings."""
    hosts = {"localhost", "127.0.0.1", "[::1]", *network.own_addresses()}
    base = current_app.config["PRIKK_BASE_URL"]
    if base:
        hosts.add((urlsplit(base).hostname or "").lower())
    hosts.update(
        name.strip().lower() for name in current_app.config["PRIKK_ALLOWED_HOSTS"].split(",") if name.strip()
    )
    return hosts


def base_url() -> str:
    """Return the address for links and QR codes: the setting, else this machine's; never a browser's."""
    base: str = current_app.config["PRIKK_BASE_URL"]
    if base:
        return base
    port = current_app.config["PRIKK_PORT"]
    return f"http://{network.outward_address() or '127.0.0.1'}" + ("" if port == 80 else f":{port}")


def _check_host() -> None:
    host = request.host.lower()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    # Nearly always it is this machine's own address: then the settings need not be read.
    if name not in network.own_addresses() and name not in allowed_hosts():
        raise BadRequest("This address is not one that this server answers.")


def _check_origin() -> None:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    if _is_foreign(origin) or request.headers.get("Sec-Fetch-Site", "same-origin") in (
        "cross-site",
        "same-site",
    ):
        raise Forbidden("This was sent from another site.")


def _is_foreign(origin: str | None) -> bool:
    if origin in (None, "null"):
        return False
    try:
        return urlsplit(origin).netloc.lower() != request.host.lower()
    except ValueError:
        return True


def _check_form() -> None:
    # Everything is sent by forms; where JSON is sent, the form classes would read that in their place.
    if request.is_json:
        raise UnsupportedMediaType


def _set_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.extend(_ON_EVERY_ANSWER)
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        # The address carries a mark of the content: another content has another address.
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif request.endpoint not in ("static", "participant.colour"):
        headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    headers.remove("Server")
    if request.endpoint == "static" and response.mimetype in current_app.config["COMPRESS_MIMETYPES"]:
        _read(response)
    return response


def _read(response: Response) -> None:
    """Read a small file whole: as a stream it would travel uncompressed where a browser only takes gzip."""
    if response.direct_passthrough and response.status_code == 200:
        file = cast(ClosingIterator, response.response)
        response.direct_passthrough = False
        response.set_data(b"".join(file))
        file.close()
