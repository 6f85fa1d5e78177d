"""Who and what is named in the texts on a page: only people who show their name, and channels that are on the web."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection

from adapters.web.site import Site
from bot.access import on_web
from bot.models import Post, Space

_MENTION = re.compile(r"<@!?([^\s<>|&]{1,40})")  # as Discord and Slack write it
CHANNEL = "<#"  # how both begin a channel's


async def names_for(site: Site, posts: Collection[Post]) -> Callable[[str, str], str | None]:
    """The names that may be printed in these messages, by kind and id; "" for what must not be, whatever a text says.

    Ids of one platform's spaces do not meet another's, so one table serves a page with messages of several.
    """
    texts = [(post.ref.channel.space, post.text) for post in posts if post.text and "<" in post.text]
    mentioned: dict[Space, set[str]] = defaultdict(set)
    for space, text in texts:
        mentioned[space].update(_MENTION.findall(text))
    known: dict[tuple[str, str], str] = {}
    for space, ids in mentioned.items():
        people = await site.store.people.names(space, ids) if ids else {}
        known |= {("member", ident): name for ident, name in people.items()}
    if any(CHANNEL in text for _, text in texts):
        for channel in (await site.channels()).values():
            known["channel", channel.channel.id] = channel.info.name if on_web(channel) else ""
    return lambda kind, ident: known.get((kind, ident))
