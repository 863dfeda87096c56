"""The public jury of the final: cards without accounts, and ballots."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from judging.enums import BallotChannel, CardStatus
from kit import clock

#: No 0 O 1 I L: people read a receipt off the phone.
RECEIPT_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: The same for base 32, which needs one more letter than we would like to have.
READABLE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ")


def receipt_code(nonce: UUID) -> str:
    """The short code of a ballot that its juror may keep, such as ``K7Q-2M4``; says nothing of who."""
    letters = letters_of(hashlib.sha256(nonce.bytes).digest()[:5])
    return f"{letters[:3]}-{letters[3:6]}"


def letters_of(data: bytes) -> str:
    """Bytes as letters and digits that people read off and type without mistaking one for another."""
    return base64.b32encode(data).translate(READABLE).decode()


class JurorCardQuerySet(models.QuerySet["JurorCard"]):
    def usable(self) -> JurorCardQuerySet:
        """Cards that have not been voided."""
        return self.filter(voided_at__isnull=True)

    def checked_in(self) -> JurorCardQuerySet:
        """Cards whose jurors are in the hall: the base of the quorum."""
        return self.usable().filter(checked_in_at__isnull=False)

    def for_list(self) -> JurorCardQuerySet:
        return self.order_by("seat", "pk")


class JurorCard(models.Model):
    """A seat of the public jury. Whoever holds the printed card sits on it.

    The token on the card is a signature over id and ``version``: it can be printed again and dies
    when the version moves on. The first phone that opens it gets a secret of its own, of which only
    the hash is kept here.
    """

    round = models.ForeignKey("judging.Round", models.PROTECT, related_name="cards")
    seat = models.PositiveSmallIntegerField(_("seat"))
    #: Who was drawn for the seat, for the list at the door; no page leads from here to a ballot.
    juror = models.ForeignKey("judging.Juror", models.PROTECT, null=True, related_name="cards")
    trade = models.CharField(_("trade"), max_length=40)
    #: Copied from the rulebook when the card is issued, so that a ballot is checked in one statement.
    scale_max = models.PositiveSmallIntegerField(_("highest score"))
    version = models.PositiveSmallIntegerField(default=1)
    device_sha256 = models.CharField(max_length=64, blank=True)
    bound_at = models.DateTimeField(_("opened on a phone at"), null=True)
    checked_in_at = models.DateTimeField(_("checked in at"), null=True)
    voided_at = models.DateTimeField(_("voided at"), null=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued at"), default=clock.now)

    objects = JurorCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("juror card")
        verbose_name_plural = _("juror cards")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "seat"],
                condition=Q(voided_at__isnull=True),
                name="juror_card_seat_once",
                violation_error_message=_("This seat already has a card."),
            ),
            models.CheckConstraint(
                condition=Q(device_sha256="", bound_at__isnull=True)
                | (~Q(device_sha256="") & Q(bound_at__isnull=False)),
                name="juror_card_bound_complete",
            ),
            models.CheckConstraint(
                condition=Q(seat__gt=0, scale_max__gte=10, scale_max__lte=100), name="juror_card_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}/{self.seat}"

    @property
    def status(self) -> CardStatus:
        if self.voided_at:
            return CardStatus.VOIDED
        if self.bound_at:
            return CardStatus.BOUND
        return CardStatus.CHECKED_IN if self.checked_in_at else CardStatus.ISSUED


class BallotEvent(models.Model):
    """One tap that reached the server, whether or not a later one replaced it. Append-only.

    ``nonce`` is made by the phone before the first try, so that trying again is harmless; ``seq``
    rises with every change of mind, so that an old try arriving late replaces nothing.
    """

    nonce = models.UUIDField(primary_key=True)
    # Written by ``judging_cast_ballot`` alone, which has seen both, and beside a ``Ballot`` whose
    # foreign keys hold them: constraints and indexes here would only cost each ballot.
    card = models.ForeignKey(
        JurorCard, models.PROTECT, related_name="ballot_events", db_constraint=False, db_index=False
    )
    entry = models.ForeignKey(
        "judging.RoundEntry",
        models.PROTECT,
        related_name="ballot_events",
        db_constraint=False,
        db_index=False,
    )
    score = models.PositiveSmallIntegerField(_("score"))
    seq = models.BigIntegerField()
    received_at = models.DateTimeField(_("received at"))
    channel = models.CharField(
        _("channel"),
        max_length=5,
        choices=BallotChannel,
        default=BallotChannel.PHONE,
        db_default=BallotChannel.PHONE,
    )
    #: How long the tap had waited on the phone for a network, in milliseconds, as the phone says.
    waited_ms = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("received ballot")
        verbose_name_plural = _("received ballots")
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="ballot_event_score"),
            models.CheckConstraint(condition=Q(seq__gt=0), name="ballot_event_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.nonce}"


class BallotQuerySet(models.QuerySet["Ballot"]):
    def counted(self) -> BallotQuerySet:
        """The ballots that count: of cards that have not been voided."""
        return self.filter(card__voided_at__isnull=True)

    def scores_of(self, entry: Any) -> list[int]:
        """The scores that count for one entry, ascending."""
        return list(self.counted().filter(entry=entry).order_by("score").values_list("score", flat=True))


class Ballot(models.Model):
    """The score a card stands by for an entry: one row each, the one with the highest ``seq``."""

    id = models.BigAutoField(primary_key=True)
    # The unique constraint begins with the card and serves as its index.
    card = models.ForeignKey(JurorCard, models.PROTECT, related_name="ballots", db_index=False)
    entry = models.ForeignKey("judging.RoundEntry", models.PROTECT, related_name="ballots")
    score = models.PositiveSmallIntegerField(_("score"))
    seq = models.BigIntegerField()
    nonce = models.UUIDField()
    received_at = models.DateTimeField(_("received at"))
    channel = models.CharField(
        _("channel"),
        max_length=5,
        choices=BallotChannel,
        default=BallotChannel.PHONE,
        db_default=BallotChannel.PHONE,
    )

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(fields=["card", "entry"], name="ballot_once"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="ballot_score"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id}/{self.entry_id}: {self.score}"

    @property
    def receipt(self) -> str:
        return receipt_code(self.nonce)
