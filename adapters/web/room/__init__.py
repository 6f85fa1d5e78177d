"""The local room: pick a name, talk, start threads, highlight."""

from adapters.web.room.room import ROOM, Room
from adapters.web.room.routes import add_room

__all__ = ["ROOM", "Room", "add_room"]
