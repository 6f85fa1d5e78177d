"""/catchup: what others said since the asker last wrote, voted or caught up."""

from datetime import datetime, timedelta

from bot.commands.context import Context
from bot.commands.finding import discussion_for, name_of
from bot.commands.saying import discussion_item, listed, moment_since, post_item, said
from bot.discussions import shown_title
from bot.models import Answer, Command, Discussion
from bot.texts import Texts

AT_FIRST = timedelta(hours=24)
LISTED = 10
NEWEST = 100  # replies looked through in one discussion


async def catchup(context: Context, command: Command) -> Answer:
    """What happened in this discussion, or else in all channels that the asker can open; the latter is remembered."""
    texts = await context.texts_of(command)
    since = await _since(context, command, texts)
    if command.thread is not None or command.target is not None or "discussion" in command.args:
        return await _in_one(context, command, since, texts)
    scope = await context.scope_of(command)
    found = await context.store.forum.since_last_seen(scope, command.asker.member, since)
    await context.store.people.caught_up(command.asker.member, command.at)
    if not found:
        return said(texts.say("Nothing new since {when}.", when=texts.moment(since)))
    now = context.clock.now()
    items = [
        discussion_item(it, now, texts, f"{name_of(it.channel)} · {texts.count('{n} new', '{n} new', new)}")
        for it, new in found[:LISTED]
    ]
    more = len(found) - LISTED
    footer = texts.count("{n} more discussion", "{n} more discussions", more) if more > 0 else ""
    return listed(texts.say("Since {when}", when=texts.moment(since)), items, footer=footer)


async def _since(context: Context, command: Command, texts: Texts) -> datetime:
    now = context.clock.now()
    if "since" in command.args:
        return moment_since(command.args["since"], texts, now)
    return await context.store.people.last_act(command.asker.member) or now - AT_FIRST


async def _in_one(context: Context, command: Command, since: datetime, texts: Texts) -> Answer:
    """The replies of others in one discussion, oldest first."""
    discussion: Discussion = await discussion_for(context, command, texts)
    newest = await context.store.forum.newest(discussion.id, NEWEST)
    others = [post for post in newest if post.sent_at > since and post.author != command.asker.member]
    new = [post for post in reversed(others) if post.text is not None]
    title = shown_title(discussion, texts)
    if not new:
        text = texts.say("Nothing new here since {when}.", when=texts.moment(since))
        return said(text, title=title, url=discussion.url)
    more = len(new) - LISTED
    footer = texts.count("{n} more message", "{n} more messages", more) if more > 0 else ""
    return listed(title, [post_item(post, texts) for post in new[-LISTED:]], footer=footer)
