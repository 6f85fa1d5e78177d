"""A wire-level Discord for tests: REST, gateway, people."""

from tests.servers.discord.calls import Call, DidNotRespond
from tests.servers.discord.channels import ANNOUNCEMENT, CATEGORY, FORUM, MEDIA, TEXT, VOICE, Channel
from tests.servers.discord.forms import Form
from tests.servers.discord.guilds import Guild, Member, Role
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import EVERYONE, MODERATOR, Can
from tests.servers.discord.server import BOT, DiscordServer
from tests.servers.discord.threads import Thread
from tests.servers.discord.world import NotAllowed
from tests.servers.judged import BadRequests

__all__ = [
    "ANNOUNCEMENT",
    "BOT",
    "CATEGORY",
    "EVERYONE",
    "FORUM",
    "MEDIA",
    "MODERATOR",
    "TEXT",
    "VOICE",
    "BadRequests",
    "Call",
    "Can",
    "Channel",
    "DidNotRespond",
    "DiscordServer",
    "Form",
    "Guild",
    "Member",
    "Message",
    "NotAllowed",
    "Role",
    "Thread",
]
