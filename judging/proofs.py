"""What may be sent with an objection: scans and pictures, which every reader can open."""

from __future__ import annotations

from projects.attachments import MEGABYTE, SCANS, Limits

#: All of them together stay below what the web server takes in one form (64 MB).
PROOFS = Limits(SCANS, 10 * MEGABYTE, 5)
