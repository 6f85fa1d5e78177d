"""The tables. No row leaves `storage`; times are UTC epoch milliseconds, ids of platforms are text.

Messages are addressed by (channel, position) everywhere but in the text search, which needs one number a message.
"""

from storage.tables import house, places, posts, talk
from storage.tables.columns import metadata

__all__ = ["house", "metadata", "places", "posts", "talk"]
