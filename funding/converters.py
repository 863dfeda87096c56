"""The part of an address that names a grant."""


class ProjectCode:
    """A project's code, ``2026-0001``: anything else is no address at all."""

    regex = r"[0-9]{4}-[0-9]{4}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
