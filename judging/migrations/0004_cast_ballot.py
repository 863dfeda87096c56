from django.conf import settings
from django.db import migrations

# One statement decides and writes; a function only so that the database keeps its plan (planning
# cost three times as much as running it). The clock is read while the entry's row is share-locked:
# closing waits for ballots under way, and a ballot that waited for a close reads row and clock anew.
# The trail takes a nonce once; only a new trail row may move the current ballot, and only to a
# higher seq. The answer is when it was received, or nothing if it does not stand.
#
# It is also the one way in: the application itself may not write these tables. A row of the trail
# therefore always belongs to a card and an entry the statement has seen, and has a current ballot
# beside it whose foreign keys keep both from being deleted; it needs none of its own. (Names carry
# their schema, in which the application may create nothing, because the function acts as the owner.)
FUNCTION = """
CREATE FUNCTION judging_cast_ballot(
    p_now timestamptz, p_card bigint, p_device text, p_entry bigint, p_score integer, p_nonce uuid,
    p_seq bigint
) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    taken_at timestamptz;
BEGIN
    WITH gate AS (
        SELECT entry.round_id, entry.voting_opens_at, entry.voting_closes_at,
               coalesce(p_now, clock_timestamp()) AS at
        FROM public.judging_roundentry entry WHERE entry.id = p_entry AND entry.withdrawn_at IS NULL FOR SHARE
    ), booth AS (
        SELECT gate.at FROM gate JOIN public.judging_jurorcard card ON card.round_id = gate.round_id
        WHERE card.id = p_card AND card.device_sha256 = p_device AND card.voided_at IS NULL
          AND p_score BETWEEN 0 AND card.scale_max
          AND gate.voting_opens_at <= gate.at
          AND (gate.voting_closes_at IS NULL OR gate.at < gate.voting_closes_at)
    ), tap AS (
        INSERT INTO public.judging_ballotevent AS trail (nonce, card_id, entry_id, score, seq, received_at)
        SELECT p_nonce, p_card, p_entry, p_score, p_seq, booth.at FROM booth
        ON CONFLICT (nonce) DO NOTHING RETURNING trail.received_at
    ), stand AS (
        INSERT INTO public.judging_ballot AS ballot (card_id, entry_id, score, seq, nonce, received_at)
        SELECT p_card, p_entry, p_score, p_seq, p_nonce, tap.received_at FROM tap
        ON CONFLICT (card_id, entry_id) DO UPDATE
        SET score = excluded.score, seq = excluded.seq, nonce = excluded.nonce,
            received_at = excluded.received_at
        WHERE excluded.seq > ballot.seq RETURNING ballot.received_at
    )
    SELECT stand.received_at INTO taken_at FROM stand;
    RETURN taken_at;
END $$;
"""
GONE = "DROP FUNCTION judging_cast_ballot(timestamptz, bigint, text, bigint, integer, uuid, bigint)"


ROLE = settings.DB_APP_ROLE
ONE_WAY_IN = f"""
REVOKE INSERT, UPDATE, DELETE ON judging_ballot FROM "{ROLE}";
REVOKE INSERT ON judging_ballotevent FROM "{ROLE}";
"""
OPEN_AGAIN = f"""
GRANT INSERT, UPDATE, DELETE ON judging_ballot TO "{ROLE}";
GRANT INSERT ON judging_ballotevent TO "{ROLE}";
"""


class Migration(migrations.Migration):
    """How the database takes a ballot."""

    dependencies = [("judging", "0003_ballots_append_only")]

    operations = [
        # A change of mind finds room beside the old row and touches no index.
        migrations.RunSQL(
            "ALTER TABLE judging_ballot SET (fillfactor = 50)",
            "ALTER TABLE judging_ballot RESET (fillfactor)",
        ),
        migrations.RunSQL(FUNCTION, GONE),
        migrations.RunSQL(ONE_WAY_IN, OPEN_AGAIN),
    ]
