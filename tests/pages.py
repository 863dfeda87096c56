"""Reading a page as a browser without script does: what would its form send?"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, Any]] = []
        self._form: dict[str, Any] | None = None
        self._select: str | None = None
        self._chosen: bool = False
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._form = {
                "action": found.get("action") or "",
                "method": found.get("method", "get"),
                "data": {},
            }
            self.forms.append(self._form)
        if self._form is None:
            return
        name, data = found.get("name"), self._form["data"]
        if tag == "input" and name:
            kind = found.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in found:
                    value = found.get("value", "on")
                    # Of several boxes of one name, all that are ticked are sent.
                    before = data.get(name, []) if kind == "checkbox" else []
                    ticked = [*(before if isinstance(before, list) else [before]), value]
                    data[name] = ticked if len(ticked) > 1 else value
            elif kind not in ("submit", "file"):
                data[name] = found.get("value") or ""
        elif tag == "select" and name:
            self._select, self._chosen = name, False
        elif tag == "option" and self._select and ("selected" in found or not self._chosen):
            # Without a selected option the first one is sent.
            data[self._select] = found.get("value") or ""
            self._chosen = True
        elif tag == "textarea" and name:
            self._textarea = name
            data[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form["data"][self._textarea] += data.removeprefix("\n")


def forms_of(response: Any) -> list[dict[str, Any]]:
    """Every form of a page: ``action``, ``method`` and the ``data`` it would send."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.forms


def form_data(response: Any, holding: str) -> dict[str, str]:
    """The data of the page's form that has a field of that name."""
    return next(form["data"] for form in forms_of(response) if holding in form["data"])


def queries_of(client: Any, address: str, **params: Any) -> int:
    """How many queries a page costs, once the session's own bookkeeping is done."""
    client.get(address, params)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, params).status_code == 200
    return len(queries)
