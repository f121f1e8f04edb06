"""The weight of a first ballot page with everything that it loads, compressed as a browser asks for it."""

from __future__ import annotations

import gzip
import http.client
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from bench.hall import Hall

_IN_CSS = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)|@import\s+['\"]([^'\"]+)['\"]")
_RELATIONS = {"stylesheet", "icon", "preload", "manifest"}


@dataclass(frozen=True)
class Weight:
    """Bytes of the `bodies` as they travelled and of the `heads`, and the paths with each body's bytes."""

    bodies: int
    heads: int
    parts: dict[str, int]


class _Loads(HTMLParser):
    """Collects what a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "link" and set((named.get("rel") or "").split()) & _RELATIONS:
            self.found.append(named.get("href") or "")
        elif tag in ("script", "img", "iframe", "source", "embed"):
            self.found.append(named.get("src") or "")


def weigh(hall: Hall, path: str = "/vote") -> Weight:
    """Return what the page costs a phone that has come in and loads it for the first time.

    Files that a stylesheet names count too, although a browser loads a font only where it is used.
    """
    cookie = "; ".join(f"{name}={value}" for name, value in hall.phones[0].browser.cookies.items())
    waiting, parts, heads = [path], {}, 0
    while waiting:
        one = waiting.pop(0)
        if one in parts:
            continue
        head, body, text, kind = _get(hall.url, one, cookie)
        parts[one] = body
        heads += head
        if kind == "text/html":
            page = _Loads()
            page.feed(text)
            named = page.found
        elif kind == "text/css":
            named = [first or second for first, second in _IN_CSS.findall(text)]
        else:
            named = []
        waiting += [urljoin(one, found) for found in named if found and not found.startswith(("data:", "#"))]
    return Weight(sum(parts.values()), heads, parts)


def _get(url: str, path: str, cookie: str) -> tuple[int, int, str, str]:
    """Return bytes of head and body as they travelled, the body's text, and its type."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    asked = {"Cookie": cookie, "Accept": "*/*", "Accept-Encoding": "gzip", "Accept-Language": "nn"}
    connection.request("GET", path, headers=asked)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 19
    plain = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    return head, len(body), plain.decode("utf-8", "replace"), answer.headers.get_content_type()
