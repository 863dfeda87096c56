from django.db import migrations

# One statement decides and writes; a function only so that the database keeps its plan (planning
# cost three times as much as running it). The clock is read while the entry's row is share-locked:
# closing waits for ballots under way, and a ballot that waited for a close reads row and clock anew.
# The trail takes a nonce once; only a new trail row may move the current ballot, and only to a
# higher seq.
FUNCTION = """
CREATE FUNCTION judging_cast_ballot(
    p_now timestamptz, p_card bigint, p_device text, p_entry bigint, p_score integer, p_nonce uuid, p_seq bigint
) RETURNS TABLE (taken_at timestamptz, stands bigint) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH gate AS (
        SELECT entry.round_id, entry.voting_opens_at, entry.voting_closes_at,
               coalesce(p_now, clock_timestamp()) AS at
        FROM judging_roundentry entry WHERE entry.id = p_entry AND entry.withdrawn_at IS NULL FOR SHARE
    ), booth AS (
        SELECT gate.at FROM gate JOIN judging_jurorcard card ON card.round_id = gate.round_id
        WHERE card.id = p_card AND card.device_sha256 = p_device AND card.voided_at IS NULL
          AND p_score BETWEEN 0 AND card.scale_max
          AND gate.voting_opens_at <= gate.at
          AND (gate.voting_closes_at IS NULL OR gate.at < gate.voting_closes_at)
    ), tap AS (
        INSERT INTO judging_ballotevent AS trail (nonce, card_id, entry_id, score, seq, received_at)
        SELECT p_nonce, p_card, p_entry, p_score, p_seq, booth.at FROM booth
        ON CONFLICT (nonce) DO NOTHING RETURNING trail.received_at
    ), stand AS (
        INSERT INTO judging_ballot AS ballot (card_id, entry_id, score, seq, nonce, received_at)
        SELECT p_card, p_entry, p_score, p_seq, p_nonce, tap.received_at FROM tap
        ON CONFLICT (card_id, entry_id) DO UPDATE
        SET score = excluded.score, seq = excluded.seq, nonce = excluded.nonce,
            received_at = excluded.received_at
        WHERE excluded.seq > ballot.seq RETURNING 1
    )
    SELECT (SELECT tap.received_at FROM tap), (SELECT count(*) FROM stand);
END $$;
"""
GONE = "DROP FUNCTION judging_cast_ballot(timestamptz, bigint, text, bigint, integer, uuid, bigint)"


class Migration(migrations.Migration):
    """How the database takes a ballot."""

    dependencies = [("judging", "0003_ballots_append_only")]

    operations = [migrations.RunSQL(FUNCTION, GONE)]
