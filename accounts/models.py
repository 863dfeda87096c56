from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import rules
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import DESK_ROLES, THREE_OFFICERS, ActorKind, Role, ScopeKind
from kit import clock


class District(models.Model):
    """A county or district of the city (县、区). The city's own list, because two of Huizhou's have
    no GB/T 2260 code."""

    code = models.SlugField(_("code"), unique=True, max_length=20)
    name = models.CharField(_("name"), max_length=40, unique=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("district")
        verbose_name_plural = _("districts")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in; without a password only an invitation or reset lets them in."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def holding(self, *roles: Role) -> models.QuerySet[User]:
        """Active people holding one of the roles for the commission: not only for a district."""
        grants = RoleGrant.objects.current().filter(role__in=roles).exclude(scope_kind=ScopeKind.DISTRICT)
        return self.filter(is_active=True, pk__in=grants.values("user_id"))


class User(AbstractBaseUser):
    """A person. There is no superuser: what anyone may do follows from roles alone."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined at"), default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    actor_kind = ActorKind.PERSON

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def label(self) -> str:
        """How the record names this person: by id, never by name or address."""
        return f"user:{self.pk}"

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @cached_property
    def current_grants(self) -> list[RoleGrant]:
        """The grants in force, read once per request."""
        return list(RoleGrant.objects.current().filter(user_id=self.pk))

    def forget_grants(self) -> None:
        """Have the grants read anew: one was given or ended. Reaches the person behind ``request.user``."""
        self.__dict__.pop("current_grants", None)

    def has_role(self, *roles: Role, kind: ScopeKind | None = None, scope_id: int | None = None) -> bool:
        """True if one of the roles is held for the whole city or, when named, for that scope."""
        return any(
            grant.role in roles and (kind is None or grant.covers(kind, scope_id))
            for grant in self.current_grants
        )

    def scope_ids(self, kind: ScopeKind, roles: Iterable[Role]) -> set[int]:
        """Ids of the scopes of that kind in which one of the roles is held."""
        wanted = set(roles)
        return {
            grant.scope_id
            for grant in self.current_grants
            if grant.scope_kind == kind and grant.role in wanted and grant.scope_id is not None
        }

    @property
    def is_staff(self) -> bool:
        """Django's admin, which holds code tables only, is the system administrator's."""
        return self.has_role(Role.SYSTEM_ADMIN)

    @property
    def works_at_desk(self) -> bool:
        return self.has_role(*DESK_ROLES)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and rules.has_perm(perm, self, obj)

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def current(self) -> RoleGrantQuerySet:
        """Grants in force."""
        return self.filter(revoked_at__isnull=True)

    def for_list(self) -> RoleGrantQuerySet:
        return self.select_related("user", "granted_by").order_by("user__name", "role")


class RoleGrant(models.Model):
    """One role of one person, for the whole city or one scope; ended, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=30, choices=Role)
    scope_kind = models.CharField(_("scope"), max_length=20, choices=ScopeKind, default=ScopeKind.CITY)
    #: Id of the district, edition or organisation; no foreign key, as two of them live above.
    scope_id = models.BigIntegerField(_("scope id"), null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(_("granted at"), default=clock.now)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.CheckConstraint(
                condition=Q(scope_kind=ScopeKind.CITY, scope_id__isnull=True)
                | (~Q(scope_kind=ScopeKind.CITY) & Q(scope_id__isnull=False)),
                name="role_grant_scope_complete",
                violation_error_message=_("A role is for the whole city or for one named scope."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "scope_kind", "scope_id"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="role_grant_once",
                violation_error_message=_("This person already holds this role."),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at__isnull=True, role__in=[role.value for role in THREE_OFFICERS]),
                name="role_grant_one_officer",
                violation_error_message=_("One person may hold only one of the three administrator roles."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    def covers(self, kind: ScopeKind, scope_id: int | None) -> bool:
        """True if the grant reaches that scope; a grant for the city reaches every one."""
        return self.scope_kind == ScopeKind.CITY or (self.scope_kind, self.scope_id) == (kind, scope_id)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, moment: Any) -> InvitationQuerySet:
        """Invitations that could still be accepted at ``moment``."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=moment)

    def for_list(self) -> InvitationQuerySet:
        return self.select_related("invited_by", "accepted_by").order_by("-invited_at")


class Invitation(models.Model):
    """A one-time link that makes somebody a person of the portal with one role.

    Only the token's hash is stored; the link is bound to the address and dies on use, on
    revocation and after 72 hours.
    """

    email = models.EmailField(_("e-mail"))
    name = models.CharField(pgettext_lazy("person", "name"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=30, choices=Role)
    scope_kind = models.CharField(_("scope"), max_length=20, choices=ScopeKind, default=ScopeKind.CITY)
    scope_id = models.BigIntegerField(_("scope id"), null=True, blank=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited at"), default=clock.now)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_acceptance_complete",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="invitation_accepted_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.role}"
