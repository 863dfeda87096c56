"""What this app keeps: editions and their rules, the record, papers, files, messages, days and jobs."""

from contest.models.calendar import CalendarYear, Holiday
from contest.models.documents import Document, DocumentCounter, DocumentQuerySet
from contest.models.editions import REHEARSALS_AFTER, Edition, EditionQuerySet, Rulebook, TimetableEntry
from contest.models.files import StoredFile
from contest.models.jobs import Job, JobQuerySet
from contest.models.messages import Message, MessageQuerySet
from contest.models.offices import Office
from contest.models.record import Delivery, DeliveryQuerySet, Event, EventQuerySet, Seal, SealLeaf

__all__ = [
    "REHEARSALS_AFTER",
    "CalendarYear",
    "Delivery",
    "DeliveryQuerySet",
    "Document",
    "DocumentCounter",
    "DocumentQuerySet",
    "Edition",
    "EditionQuerySet",
    "Event",
    "EventQuerySet",
    "Holiday",
    "Job",
    "JobQuerySet",
    "Message",
    "MessageQuerySet",
    "Office",
    "Rulebook",
    "Seal",
    "SealLeaf",
    "StoredFile",
    "TimetableEntry",
]
