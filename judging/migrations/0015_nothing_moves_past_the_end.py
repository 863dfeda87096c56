from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

from kit.migrations import FrozenColumns

before = import_module("judging.migrations.0014_the_hall_kept")

# As in 0014_the_hall_kept, with two things more. The clock is read only when the lock is held: a plain
# FOR SHARE reads it in the same scan and keeps the reading while it waits for somebody who locked the
# row without changing it, such as the release of a score; hence the lock stands alone in the first
# step. And ballots are taken only while the round is scored. Its row is read and not locked, or the
# whole hall would queue for it: what was moved on behind a waiting ballot has closed the window before,
# and the window of a round that is not scored stays as it is (``judging_refuse_window``).
CAST_BALLOT = """
CREATE OR REPLACE FUNCTION judging_cast_ballot(
    p_now timestamptz, p_card bigint, p_device text, p_entry bigint, p_score integer, p_nonce uuid,
    p_seq bigint, p_waited integer
) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    taken_at timestamptz;
BEGIN
    WITH held AS MATERIALIZED (
        SELECT entry.round_id, entry.voting_opens_at, entry.voting_closes_at,
               entry.voting_grace_s * interval '1 second' AS grace
        FROM public.judging_roundentry entry WHERE entry.id = p_entry AND entry.withdrawn_at IS NULL FOR SHARE
    ), gate AS MATERIALIZED (
        SELECT held.*, coalesce(p_now, clock_timestamp()) AS at FROM held
    ), booth AS (
        SELECT gate.at FROM gate
        JOIN public.judging_round round ON round.id = gate.round_id AND round.status = 'scoring'
        JOIN public.judging_jurorcard card ON card.round_id = gate.round_id
        WHERE card.id = p_card AND card.device_sha256 = p_device AND card.voided_at IS NULL
          AND p_score BETWEEN 0 AND card.scale_max
          AND gate.voting_opens_at <= gate.at
          AND (gate.voting_closes_at IS NULL OR gate.at < gate.voting_closes_at
               OR (gate.at < gate.voting_closes_at + gate.grace
                   AND gate.at - p_waited * interval '1 millisecond' < gate.voting_closes_at
                   AND gate.at - p_waited * interval '1 millisecond' >= gate.voting_opens_at))
    ), tap AS (
        INSERT INTO public.judging_ballotevent AS trail
            (nonce, card_id, entry_id, score, seq, received_at, channel, waited_ms)
        SELECT p_nonce, p_card, p_entry, p_score, p_seq, booth.at, 'phone', p_waited FROM booth
        ON CONFLICT (nonce) DO NOTHING RETURNING trail.received_at
    ), stand AS (
        INSERT INTO public.judging_ballot AS ballot
            (card_id, entry_id, score, seq, nonce, received_at, channel)
        SELECT p_card, p_entry, p_score, p_seq, p_nonce, tap.received_at, 'phone' FROM tap
        ON CONFLICT (card_id, entry_id) DO UPDATE
        SET score = excluded.score, seq = excluded.seq, nonce = excluded.nonce,
            received_at = excluded.received_at, channel = excluded.channel
        WHERE excluded.seq > ballot.seq RETURNING ballot.received_at
    )
    SELECT stand.received_at INTO taken_at FROM stand;
    RETURN taken_at;
END $$;
"""
CAST_BALLOT_BACK = before.CAST_BALLOT.partition("DROP FUNCTION")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)

# As in 0014_the_hall_kept, with two things more. The seat must be checked in, or a ballot would count
# for whom nobody has seen. And of what was keyed and ruled before the scoring was opened again no
# ballot is made; a paper ballot from before gives way to a newer slip.
CAST_SLIP = """
CREATE OR REPLACE FUNCTION judging_cast_slip(p_now timestamptz, p_card bigint, p_entry bigint, p_nonce uuid)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    taken_at timestamptz;
BEGIN
    WITH held AS MATERIALIZED (
        SELECT entry.round_id, entry.voting_opens_at AS opened_at,
               entry.voting_closes_at + entry.voting_grace_s * interval '1 second' AS ended_at
        FROM public.judging_roundentry entry WHERE entry.id = p_entry AND entry.withdrawn_at IS NULL FOR SHARE
    ), timed AS MATERIALIZED (
        SELECT held.*, coalesce(p_now, clock_timestamp()) AS at FROM held
    ), gate AS MATERIALIZED (
        SELECT timed.* FROM timed
        JOIN public.judging_round round ON round.id = timed.round_id AND round.status = 'scoring'
        WHERE timed.ended_at <= timed.at
    ), ruling AS (
        SELECT ruled.score FROM public.judging_slipruling ruled
        JOIN gate ON ruled.ruled_at >= gate.opened_at
        WHERE ruled.card_id = p_card AND ruled.entry_id = p_entry
        ORDER BY ruled.number DESC LIMIT 1
    ), readings AS (
        SELECT min(keyed.score) AS score FROM public.judging_slipkeying keyed
        JOIN gate ON keyed.keyed_at >= gate.opened_at
        WHERE keyed.card_id = p_card AND keyed.entry_id = p_entry
        HAVING count(*) = 2 AND min(keyed.score) = max(keyed.score) AND count(DISTINCT keyed.clerk_id) = 2
    ), slip AS (
        SELECT ruling.score, true AS ruled FROM ruling
        UNION ALL
        SELECT readings.score, false FROM readings WHERE NOT EXISTS (SELECT FROM ruling)
    ), booth AS (
        SELECT gate.at, slip.score, coalesce(stands.seq, 0) + 1 AS seq
        FROM gate JOIN public.judging_jurorcard card ON card.round_id = gate.round_id
        CROSS JOIN slip
        LEFT JOIN public.judging_ballot stands ON stands.card_id = card.id AND stands.entry_id = p_entry
        WHERE card.id = p_card AND card.voided_at IS NULL AND card.checked_in_at IS NOT NULL
          AND slip.score BETWEEN 0 AND card.scale_max
          AND (stands.id IS NULL OR slip.ruled AND stands.channel = 'phone'
               OR stands.channel = 'paper' AND stands.received_at < gate.opened_at)
    ), tap AS (
        INSERT INTO public.judging_ballotevent AS trail
            (nonce, card_id, entry_id, score, seq, received_at, channel, waited_ms)
        SELECT p_nonce, p_card, p_entry, booth.score, booth.seq, booth.at, 'paper', 0 FROM booth
        ON CONFLICT (nonce) DO NOTHING RETURNING trail.score, trail.seq, trail.received_at
    ), stand AS (
        INSERT INTO public.judging_ballot AS ballot
            (card_id, entry_id, score, seq, nonce, received_at, channel)
        SELECT p_card, p_entry, tap.score, tap.seq, p_nonce, tap.received_at, 'paper' FROM tap
        ON CONFLICT (card_id, entry_id) DO UPDATE
        SET score = excluded.score, seq = excluded.seq, nonce = excluded.nonce,
            received_at = excluded.received_at, channel = excluded.channel
        WHERE excluded.seq > ballot.seq RETURNING ballot.received_at
    )
    SELECT stand.received_at INTO taken_at FROM stand;
    RETURN taken_at;
END $$;
"""
CAST_SLIP_BACK = before.CAST_SLIP.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

# When the jury may vote is decided while the round is scored, and for good once it no longer is. The
# round's row is held meanwhile, against a seal under way.
WINDOW_GUARD = """
CREATE FUNCTION judging_refuse_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM judging_round WHERE id = OLD.round_id AND status = 'scoring' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the round is not being scored: % of its voting refused', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER judging_roundentry_window BEFORE UPDATE ON judging_roundentry FOR EACH ROW
    WHEN (ROW(OLD.round_id, OLD.voting_opens_at, OLD.voting_closes_at, OLD.voting_grace_s)
          IS DISTINCT FROM ROW(NEW.round_id, NEW.voting_opens_at, NEW.voting_closes_at, NEW.voting_grace_s))
    EXECUTE FUNCTION judging_refuse_window();
"""
WINDOW_GUARD_GONE = """
DROP TRIGGER judging_roundentry_window ON judging_roundentry;
DROP FUNCTION judging_refuse_window();
"""


class Migration(migrations.Migration):
    """No ballot moves once the final is over, and a slip can be keyed and ruled on anew after a reopening."""

    dependencies = [("judging", "0014_the_hall_kept")]

    operations = [
        migrations.RemoveConstraint("slipkeying", "slip_keying_clerk_once"),
        migrations.RemoveConstraint("slipkeying", "slip_keying_two_readings"),
        migrations.AddConstraint(
            "slipkeying",
            models.CheckConstraint(condition=Q(reading__gt=0), name="slip_keying_reading_positive"),
        ),
        migrations.AddField("slipruling", "number", models.PositiveSmallIntegerField(default=1)),
        migrations.RemoveConstraint("slipruling", "slip_ruling_once"),
        migrations.AddConstraint(
            "slipruling",
            models.UniqueConstraint(fields=["card", "entry", "number"], name="slip_ruling_number_once"),
        ),
        migrations.AddConstraint(
            "slipruling",
            models.CheckConstraint(condition=Q(number__gt=0), name="slip_ruling_number_positive"),
        ),
        FrozenColumns("judging_jurorcard", ("round_id", "seat", "trade", "juror_id", "scale_max")),
        FrozenColumns(
            "judging_jurorcard",
            ("voided_at",),
            when="OLD.voided_at IS NOT NULL",
            name="voided",
            keeps_rows=False,
        ),
        FrozenColumns("judging_juror", ("edition_id", "entered_by_id", "entered_at")),
        FrozenColumns("judging_show", ("round_id",)),
        FrozenColumns(
            "judging_show",
            ("frozen_at",),
            when="OLD.frozen_at IS NOT NULL",
            name="freeze",
            keeps_rows=False,
        ),
        # Until a project is scored, places given some other way make way for those that are drawn.
        FrozenColumns(
            "judging_roundentry",
            ("stage_order",),
            when="OLD.stage_order IS NOT NULL AND OLD.voting_opens_at IS NOT NULL",
            name="order",
            keeps_rows=False,
        ),
        migrations.RunSQL(WINDOW_GUARD, WINDOW_GUARD_GONE),
        migrations.RunSQL(CAST_BALLOT, CAST_BALLOT_BACK),
        migrations.RunSQL(CAST_SLIP, CAST_SLIP_BACK),
    ]
