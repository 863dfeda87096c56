"""The unified social credit code 统一社会信用代码 (GB 32100-2015).

Two check characters are computed. A wrong last character (the code as a whole) is an error. A
wrong ninth character of the organisation number inside it (GB 11714) is only a warning: some
early codes were issued without it. So is a prefix that is not in the table below: registration
authorities get new ones from time to time.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc as _uscc

from kit.text import clean_text, half_width

_SHAPE = re.compile("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

MESSAGES: dict[str, Any] = {
    "empty": _("Please enter the unified social credit code."),
    "length": _("The code has exactly 18 characters."),
    "characters": _("Only digits and capital letters are allowed, without I, O, S, V, Z."),
    "prefix": _(
        "The first two characters name no known kind of organisation: please compare with the certificate."
    ),
    "check_character": _("The check character does not match: please compare with the certificate."),
    "organisation_number": _(
        "The organisation number inside the code does not match its check character: "
        "please compare with the certificate."
    ),
}

KINDS: dict[str, Any] = {
    "11": _("Government body"),
    "12": _("Public institution"),
    "13": _("People's organisation"),
    "19": _("Other body of the institutional staffing office"),
    "51": _("Social association"),
    "52": _("Private non-enterprise unit"),
    "53": _("Foundation"),
    "59": _("Other social organisation"),
    "81": _("Grassroots trade union"),
    "89": _("Other trade union"),
    "91": _("Enterprise"),
    "92": _("Self-employed business"),
    "93": _("Farmers' cooperative"),
    "N1": _("Rural collective economic organisation"),
    "N2": _("Rural collective economic organisation"),
    "N3": _("Rural collective economic organisation"),
    "Y1": _("Other organisation"),
}


@dataclass(frozen=True)
class CodeCheck:
    """What is known about a code. ``error`` and ``warning`` are keys of ``MESSAGES`` or empty."""

    code: str
    ok: bool
    error: str = ""
    warning: str = ""
    kind: str = ""

    @property
    def message(self) -> Any:
        """The translated sentence for the error, else for the warning, else empty."""
        return MESSAGES.get(self.error or self.warning, "")

    @property
    def kind_label(self) -> Any:
        return KINDS.get(self.kind, "")


def normalise(text: str) -> str:
    """A code as it is stored, however it was typed: half-width capitals, no blanks, no invisible signs.

    One body has one code: what only looks different must not be taken for another.
    """
    return "".join(half_width(clean_text(text)).split()).upper()


def check(text: str) -> CodeCheck:
    """Judge a code, however it was typed."""
    code = normalise(text)
    if error := _find_error(code):
        return CodeCheck(code=code, ok=False, error=error)
    return CodeCheck(code=code, ok=True, warning=_find_warning(code), kind=code[:2])


def _find_error(code: str) -> str:
    if not code:
        return "empty"
    if len(code) != 18:
        return "length"
    if not _SHAPE.fullmatch(code):
        return "characters"
    if _uscc.calc_check_digit(code[:17]) != code[17]:
        return "check_character"
    return ""


def _find_warning(code: str) -> str:
    if code[:2] not in KINDS:
        return "prefix"
    return "" if _organisation_check(code[8:16]) == code[16] else "organisation_number"


def _organisation_check(number: str) -> str:
    """The check character of the eight-sign organisation number (GB 11714)."""
    total = sum(
        weight * _ORGANISATION_VALUES.index(sign)
        for weight, sign in zip(_ORGANISATION_WEIGHTS, number, strict=True)
    )
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))
