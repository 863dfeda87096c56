"""The record in words."""

from django import template

from contest import verbs

register = template.Library()
register.filter("said", verbs.said)
