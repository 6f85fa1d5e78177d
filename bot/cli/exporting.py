"""Writing the store's words to files: one JSON object a line, and a page of Markdown a discussion."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from jinja2 import Environment, FileSystemLoader

from bot.access import is_open
from bot.cli.progress import Progress
from bot.clock import SystemClock
from bot.discussions import counter_line, shown_title, state_line
from bot.errors import FolkmootError
from bot.markup import Names, parse, unnamed
from bot.markup.markdown import escape, markdown
from bot.models import (
    Channel,
    Discussion,
    KnownChannel,
    MemberRef,
    MessageRef,
    Platform,
    Post,
    Space,
    Thread,
    Withheld,
)
from bot.ports import Store
from bot.texts import Texts, texts_for
from bot.urls import Urls, slug_of

TEMPLATES = Path(__file__).parent.parent / "templates"
PAGE = 500  # messages read at once
OURS = re.compile(r"\d+-.+\.md")  # the files that an earlier export wrote; no others are touched


class Exporting:
    """One export into one folder. `everything` takes what readers may not see as well."""

    def __init__(
        self, store: Store, folder: Path, forum_url: str, *, everything: bool, shown: Progress | None = None
    ) -> None:
        self._store = store
        self._folder = folder
        self._everything = everything
        self._shown = shown
        self._urls = Urls(forum_url)
        self._now = SystemClock().now()
        self._texts: Texts = texts_for("en", "UTC")
        self._private_words: dict[MemberRef, dict[MessageRef, Post]] = {}  # of members who opted out
        self._template = _markdown_templates().get_template("discussion.md.j2")

    async def run(self, community: str = "") -> tuple[int, int]:
        """Write everything; how many discussions and messages that were."""
        channels = await self._channels(community)
        pages = self._folder / "discussions"
        pages.mkdir(parents=True, exist_ok=True)
        for old in pages.glob("*.md"):
            if OURS.fullmatch(old.name):
                old.unlink()
        discussions = messages = 0
        with (
            (self._folder / "discussions.jsonl").open("w", encoding="utf-8") as listed,
            (self._folder / "messages.jsonl").open("w", encoding="utf-8") as said,
        ):
            async for discussion in self._discussions(channels):
                self._tell(discussions, messages)
                posts = await self._posts(discussion)
                _line(listed, self._facts(discussion))
                for post in posts:
                    _line(said, _post_facts(post, self._urls))
                page = pages / f"{discussion.id}-{slug_of(discussion.title) or 'discussion'}.md"
                page.write_text(self._page(discussion, posts, channels), encoding="utf-8")
                discussions, messages = discussions + 1, messages + len(posts)
            for channel in channels.values():
                messages += await self._lone(channel, said)
        return discussions, messages

    async def _channels(self, community: str) -> dict[Channel, KnownChannel]:
        """The channels to write, by their key on the platform."""
        wanted = await self._community(community) if community else None
        return {
            known.channel: known
            for known in await self._store.places.channels()
            if (wanted is None or known.community == wanted) and (self._everything or is_open(known))
        }

    async def _community(self, name: str) -> int:
        spaces = await self._store.places.spaces()
        for space in spaces:
            if name.casefold() in {space.info.name.casefold(), space.info.space.id.casefold()}:
                return space.community
        known = ", ".join(space.info.name for space in spaces) or "none yet"
        raise FolkmootError(f"There is no community with a space called '{name}'; the spaces are: {known}.")

    async def _discussions(self, channels: dict[Channel, KnownChannel]) -> AsyncIterator[Discussion]:
        """The discussions of these channels, by space, channel and age."""
        rows = await self._store.ledger.audit_rows()
        if self._shown is not None:
            self._shown.begin(len(rows))
        for row in rows:
            platform, _, sid = str(row["space"]).partition("/")
            thread = Thread(Channel(Space(Platform(platform), sid), str(row["channel"])), str(row["key"]))
            if thread.channel not in channels:
                continue
            discussion = await self._store.forum.discussion_of(thread)
            if discussion is not None and (self._everything or _shown(discussion)):
                yield discussion

    def _tell(self, discussions: int, messages: int) -> None:
        if self._shown is not None:
            self._shown.advance(discussions, messages)

    async def _posts(self, discussion: Discussion) -> list[Post]:
        """All its messages, oldest first, with the words that may be written."""
        posts: list[Post] = []
        while True:
            page = await self._store.forum.posts(discussion.id, posts[-1].ref.position if posts else 0, PAGE)
            posts.extend([await self._with_words(post) for post in page])
            if len(page) < PAGE:
                return posts

    async def _lone(self, channel: KnownChannel, said: IO[str]) -> int:
        """Write a channel's messages outside discussions, newest first."""
        written = 0
        before: int | None = None
        while page := await self._store.forum.channel_posts(channel.key, before, PAGE):
            for post in page:
                if post.discussion is None:
                    _line(said, _post_facts(await self._with_words(post), self._urls))
                    written += 1
            before = page[-1].ref.position
        return written

    async def _with_words(self, post: Post) -> Post:
        """With --everything, the words of who opted out as well."""
        if not self._everything or post.withheld is not Withheld.OPTED_OUT or post.author is None:
            return post
        if post.author not in self._private_words:
            own = {each.ref: each async for each in self._store.people.everything(post.author)}
            self._private_words[post.author] = own
        whole = self._private_words[post.author].get(post.ref, post)
        return replace(post, text=whole.text, files=whole.files, author_name=whole.author_name)

    def _facts(self, discussion: Discussion) -> dict[str, Any]:
        thread = discussion.thread
        return {
            "id": discussion.id,
            "space": _space(thread.channel),
            "channel": discussion.channel.info.name,
            "key": thread.id,
            "title": shown_title(discussion, self._texts),
            "summary": discussion.summary,
            "messages": discussion.count,
            "participants": discussion.participants,
            "highlights": discussion.highlights,
            "opened_at": discussion.opened_at.isoformat(),
            "last_activity": discussion.last_activity.isoformat(),
            "state": discussion.stored.value,
            "outcome": discussion.outcome,
            "opener": discussion.opener_name,
            "url": self._urls.whole(discussion.url),
            "page": self._urls.discussion(discussion),
        }

    def _page(self, discussion: Discussion, posts: Sequence[Post], channels: dict[Channel, KnownChannel]) -> str:
        names = _names(posts, channels)
        return self._template.render(
            t=self._texts,
            title=escape(shown_title(discussion, self._texts)),
            summary=escape(discussion.summary),
            counters=escape(counter_line(discussion, self._now, self._texts)),
            state=escape(state_line(discussion, self._now, self._texts)),
            page=self._urls.discussion(discussion),
            posts=[self._part(discussion, post, names) for post in posts],
        )

    def _part(self, discussion: Discussion, post: Post, names: Names) -> dict[str, Any]:
        """What the template shows of one message."""
        words = post.text
        return {
            "author": escape(post.author_name or ""),
            "when": post.sent_at.strftime("%Y-%m-%d %H:%M UTC"),
            "url": self._urls.whole(post.url) or self._urls.message(discussion, post.ref),
            "words": None if words is None else markdown(parse(post.ref.channel.space.platform, words, names)),
            "files": [escape(name) for name in post.files],
            "votes": post.votes,
        }


def _markdown_templates() -> Environment:
    """Templates that make Markdown: their words are escaped by `bot.markup.markdown`, not as HTML."""
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - HTML escapes would show in Markdown


def _shown(discussion: Discussion) -> bool:
    return not (discussion.hidden or discussion.removed or discussion.private)


def _names(posts: Sequence[Post], channels: dict[Channel, KnownChannel]) -> Names:
    """The names that a discussion's own messages and the written channels give."""
    members = {post.author.id: post.author_name for post in posts if post.author and post.author_name}
    places = {known.channel.id: known.info.name for known in channels.values()}
    return lambda kind, ident: (members if kind == "member" else places if kind == "channel" else {}).get(ident)


def _post_facts(post: Post, urls: Urls) -> dict[str, Any]:
    return {
        "space": _space(post.ref.channel),
        "channel": post.ref.channel.id,
        "id": post.ref.id,
        "discussion": post.discussion,
        "author": post.author_name,
        "bot": post.is_bot,
        "text": post.text and unnamed(post.ref.channel.space.platform, post.text),
        "withheld": post.withheld.value if post.withheld and post.text is None else None,
        "counted": post.counted,
        "sent_at": post.sent_at.isoformat(),
        "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "reply_to": post.reply_to,
        "files": list(post.files),
        "votes": post.votes,
        "url": urls.whole(post.url),
    }


def _space(channel: Channel) -> str:
    return f"{channel.space.platform.value}/{channel.space.id}"


def _line(stream: IO[str], facts: dict[str, Any]) -> None:
    stream.write(json.dumps(facts, ensure_ascii=False) + "\n")
