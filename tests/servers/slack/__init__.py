"""A wire-level Slack for tests: Web API, Socket Mode, signed HTTP deliveries, people."""

from tests.servers.judged import BadRequests
from tests.servers.slack.app import EVENT_SCOPES, SCOPES, App
from tests.servers.slack.calls import Call, DidNotRespond
from tests.servers.slack.channels import Channel
from tests.servers.slack.deliveries import Delivery, Statistics
from tests.servers.slack.members import Group, Member, Role
from tests.servers.slack.messages import Message
from tests.servers.slack.server import SlackServer
from tests.servers.slack.views import Field, View
from tests.servers.slack.world import NotAllowed

__all__ = [
    "EVENT_SCOPES",
    "SCOPES",
    "App",
    "BadRequests",
    "Call",
    "Channel",
    "Delivery",
    "DidNotRespond",
    "Field",
    "Group",
    "Member",
    "Message",
    "NotAllowed",
    "Role",
    "SlackServer",
    "Statistics",
    "View",
]
