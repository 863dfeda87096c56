"""When an expert must not judge an entry (回避). Plain facts in, findings out; nothing is read here.

A body is known by its credit code and by its name; two codes that are one body (renamed, merged, under
one control) arrive here as one and the same code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from judging.enums import LinkKind


@dataclass(frozen=True)
class Body:
    """A body as it is compared: ``code`` stands for all codes that are one body, ``key`` is its folded
    name, ``name`` what is shown."""

    name: str
    key: str
    code: str = ""

    def is_same(self, other: Body) -> bool:
        """The same code or, whatever the codes, the same name."""
        return bool(self.code and self.code == other.code) or bool(self.key and self.key == other.key)


@dataclass(frozen=True)
class Tie:
    """What binds an expert to a body; ``project`` also binds to that project, whoever carries it."""

    kind: LinkKind
    body: Body
    project: int | None = None


@dataclass(frozen=True)
class Judge:
    """An expert with all ties in force on the day."""

    ties: tuple[Tie, ...] = ()


@dataclass(frozen=True)
class Applicant:
    """Who is behind an entry: the applicant's body and the partners of its project."""

    project: int
    code: str
    body: Body
    partners: tuple[Body, ...] = field(default=())


@dataclass(frozen=True, order=True)
class Finding:
    """Why, and which body or project; no person's name."""

    kind: str
    what: str

    def as_row(self) -> dict[str, str]:
        return {"kind": self.kind, "what": self.what}

    @property
    def text(self) -> str:
        return f"{LinkKind(self.kind).label}：{self.what}"


def findings(judge: Judge, applicant: Applicant) -> list[Finding]:
    """Everything that stands between an expert and an entry, each once, in a fixed order.

    Who works for a partner of the project is bound to the project as a partner.
    """
    return sorted({finding for tie in judge.ties for finding in _of(tie, applicant)})


def _of(tie: Tie, applicant: Applicant) -> Iterable[Finding]:
    if tie.project == applicant.project:
        yield Finding(tie.kind.value, applicant.code)
    if tie.body.is_same(applicant.body):
        yield Finding(tie.kind.value, applicant.body.name)
    for partner in applicant.partners:
        if tie.body.is_same(partner):
            kind = LinkKind.PARTNER if tie.kind == LinkKind.UNIT else tie.kind
            yield Finding(kind.value, partner.name)
