"""The two doors: platforms on one side, the store on the other. The Protocols carry the contract."""

from bot.ports.delivery import NOTHING_TO_SHOW, Busy, Calendar, Edits, Outbox, Posts, Setbacks
from bot.ports.forum import Answered, Desk, Excerpt, Forum, Held, Standing
from bot.ports.gaps import Gap, Gaps
from bot.ports.leases import Leases
from bot.ports.ledger import Change, Changed, Ledger
from bot.ports.links import Links
from bot.ports.places import Member, People, Places, Room
from bot.ports.platform import Adapter, Clock, Delivered, Foretelling, Hook, Inbox, Lagging, Overtaking, Pace, Rate
from bot.ports.store import Store
from bot.ports.summarizer import Gist, Summarizer
from bot.ports.sweeps import Passage, Sweeps, Swept, Turn

__all__ = [
    "NOTHING_TO_SHOW",
    "Adapter",
    "Answered",
    "Busy",
    "Calendar",
    "Change",
    "Changed",
    "Clock",
    "Delivered",
    "Desk",
    "Edits",
    "Excerpt",
    "Foretelling",
    "Forum",
    "Gap",
    "Gaps",
    "Gist",
    "Held",
    "Hook",
    "Inbox",
    "Lagging",
    "Leases",
    "Ledger",
    "Links",
    "Member",
    "Outbox",
    "Overtaking",
    "Pace",
    "Passage",
    "People",
    "Places",
    "Posts",
    "Rate",
    "Room",
    "Setbacks",
    "Standing",
    "Store",
    "Summarizer",
    "Sweeps",
    "Swept",
    "Turn",
]
