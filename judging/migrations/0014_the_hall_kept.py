from importlib import import_module

from django.conf import settings
from django.db import migrations

from kit.migrations import AppendOnly, FrozenColumns

# As in 0004_cast_ballot, where the reasons for its shape are, with one thing more: where the rulebook
# allows it (``voting_grace_s``), a tap that waited on a phone without network is taken for a while
# after the close if it was made before it. How long it waited only the phone knows, so it can stretch
# the truth, but never beyond those seconds.
CAST_BALLOT = """
CREATE FUNCTION judging_cast_ballot(
    p_now timestamptz, p_card bigint, p_device text, p_entry bigint, p_score integer, p_nonce uuid,
    p_seq bigint, p_waited integer
) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    taken_at timestamptz;
BEGIN
    WITH gate AS (
        SELECT entry.round_id, entry.voting_opens_at, entry.voting_closes_at,
               entry.voting_grace_s * interval '1 second' AS grace,
               coalesce(p_now, clock_timestamp()) AS at
        FROM public.judging_roundentry entry WHERE entry.id = p_entry AND entry.withdrawn_at IS NULL FOR SHARE
    ), booth AS (
        SELECT gate.at FROM gate JOIN public.judging_jurorcard card ON card.round_id = gate.round_id
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
DROP FUNCTION judging_cast_ballot(timestamptz, bigint, text, bigint, integer, uuid, bigint);
"""
CAST_BALLOT_BACK = (
    "DROP FUNCTION judging_cast_ballot"
    "(timestamptz, bigint, text, bigint, integer, uuid, bigint, integer);"
    + import_module("judging.migrations.0004_cast_ballot").FUNCTION
)

# A paper slip becomes a ballot when two clerks read the same off it, or the supervisor has ruled; the
# application cannot say what it says. Only after the phones are closed, and while the final is scored.
# A phone's ballot gives way to a ruling alone. Returns when it was taken, or nothing if there is
# nothing to take.
CAST_SLIP = """
CREATE FUNCTION judging_cast_slip(p_now timestamptz, p_card bigint, p_entry bigint, p_nonce uuid)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    taken_at timestamptz;
BEGIN
    WITH gate AS (
        SELECT entry.round_id, coalesce(p_now, clock_timestamp()) AS at
        FROM public.judging_roundentry entry JOIN public.judging_round round ON round.id = entry.round_id
        WHERE entry.id = p_entry AND entry.withdrawn_at IS NULL AND round.status = 'scoring'
          AND entry.voting_closes_at + entry.voting_grace_s * interval '1 second'
              <= coalesce(p_now, clock_timestamp())
        FOR SHARE OF entry
    ), ruling AS (
        SELECT ruled.score FROM public.judging_slipruling ruled
        WHERE ruled.card_id = p_card AND ruled.entry_id = p_entry
    ), readings AS (
        SELECT min(keyed.score) AS score FROM public.judging_slipkeying keyed
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
        WHERE card.id = p_card AND card.voided_at IS NULL AND slip.score BETWEEN 0 AND card.scale_max
          AND (stands.id IS NULL OR slip.ruled AND stands.channel = 'phone')
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
CAST_SLIP_BACK = "DROP FUNCTION judging_cast_slip(timestamptz, bigint, bigint, uuid)"

ROLE = settings.DB_APP_ROLE


class Migration(migrations.Migration):
    """What the hall has seen, what was keyed and ruled, and how late taps and slips become ballots."""

    dependencies = [("judging", "0013_live_final")]

    operations = [
        AppendOnly("judging_releasedscore"),
        AppendOnly("judging_wallsnapshot"),
        AppendOnly("judging_slipkeying"),
        AppendOnly("judging_slipruling"),
        FrozenColumns("judging_draw", ("kind",), name="kind", keeps_rows=False),
        FrozenColumns("judging_jurorpick", ("draw_id", "number", "juror_id", "stands_for_id")),
        FrozenColumns(
            "judging_recording",
            ("round_id", "title", "station", "aired_on", "url", "file_id", "consent", "entered_by_id"),
        ),
        migrations.RunSQL(CAST_BALLOT, CAST_BALLOT_BACK),
        migrations.RunSQL(CAST_SLIP, CAST_SLIP_BACK),
    ]
