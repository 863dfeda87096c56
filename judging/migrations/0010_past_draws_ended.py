"""Draws that ended without a panel before there was a word for it: the record knows them."""

from __future__ import annotations

from django.db import migrations

ENDED = """
    UPDATE judging_draw SET status = 'ended'
    WHERE status = 'closed' AND EXISTS (
        SELECT FROM contest_event
        WHERE verb = 'draw.ended' AND object_type = 'judging.draw' AND object_id = judging_draw.id::text
    )
"""
BACK = "UPDATE judging_draw SET status = 'closed' WHERE status = 'ended'"


class Migration(migrations.Migration):
    dependencies = [("judging", "0009_draw_ended_without_panel"), ("contest", "0004_expert_review")]

    operations = [migrations.RunSQL(ENDED, BACK)]
