"""Staff, roles, and who holds which role where. No other table of persons exists (tests/desk/test_limits.py)."""
from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import get_language

from shouwang.desk.log.ids import new_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of staff with an account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    staff_no = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=8, blank=True)  # light, dark, or "" for the system's
    is_active = models.BooleanField(default=True)
    password_given = models.BooleanField(default=False)  # by an administrator: its owner changes it before all else
    example = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Role(models.Model):
    """A named set of permissions."""

    code = models.CharField(primary_key=True, max_length=40)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=60)
    permissions = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


class Grant(models.Model):
    """A role held by a user in an area and below."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    area = models.CharField(max_length=200)  # an area path

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role", "area"], name="people_grant_once")]


class Token(models.Model):
    """A key for programs. Only its hash is kept; it holds at most its owner's permissions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
