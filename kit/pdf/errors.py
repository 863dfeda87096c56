"""Why a paper was not printed."""

from collections.abc import Iterable


class PdfRefused(Exception):
    """The HTML asked for something a paper may not contain. ``code`` names which rule."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class MissingGlyph(PdfRefused):
    """No installed font has these characters."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(sorted(set(characters)))
        named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in self.characters)
        super().__init__("missing_glyph", named)
