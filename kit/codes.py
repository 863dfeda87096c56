"""Made-up unified credit codes with right check characters, for rehearsals and tests."""

from __future__ import annotations

from stdnum.cn import uscc

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def made_up_code(prefix: str, body: str) -> str:
    """An 18-character code: 8 characters of registry and district, 8 of the body, two check ones."""
    if (len(prefix), len(body)) != (8, 8):
        raise ValueError("prefix and body have eight characters each")
    inner = 11 - sum(w * int(char, 36) for w, char in zip(_WEIGHTS, body, strict=True)) % 11
    seventeen = prefix + body + {10: "X", 11: "0"}.get(inner, str(inner))
    return seventeen + uscc.calc_check_digit(seventeen)
