"""Nothing that we send to Discord pings anybody, whatever people write and however they call themselves."""

from tests.camps import Camp, ours, shown
from tests.servers.discord.permissions import MODERATOR
from tests.wire.yards import EDIT, ON_SQLITE, POST

pytestmark = ON_SQLITE

PINGS = (
    "@everyone", "@here", "<@&{role}>", "<@{user}>", "<@!{user}>", "@\u200beveryone", "＠everyone", "@everyоne",
    "`@everyone`", "[@everyone](https://example.org)", "**@here**", "> @everyone", "||<@&{role}>||", "\\@everyone",
    "<#{channel}>", "<@&{role}", "a@everyone.example", "@everyone @here <@{user}>",
)  # fmt: skip


async def test_nothing_of_ours_pings_anybody(camp: Camp) -> None:
    loud, target = camp.guild.role("loud"), camp.member("Zoe")
    corpus = [text.format(role=loud.id, user=target.id, channel=camp.help.id) for text in PINGS]
    mo = camp.member("Mo", can=MODERATOR)
    people = [camp.member(name) for name in ("@everyone", "@here", f"<@&{loud.id}>", f"<@{target.id}>")]
    threads = []
    for n, text in enumerate(corpus):
        opening = camp.help.post(people[n % 4], f"{text} which tent holds out {text}?")
        thread = opening.thread(people[n % 4], f"{text} tents"[:100])
        for m in range(8):
            thread.post(people[m % 4], f"{corpus[(n + m) % len(corpus)]} said {m}.").react(mo)
        threads.append(thread)
    await camp.until(lambda: all(ours(thread) and "⭐ 8" in shown(ours(thread)[0]) for thread in threads))
    said = camp.server.log.sent(POST) + camp.server.log.sent(EDIT)
    assert len(said) >= len(corpus)
    assert all(body["allowed_mentions"] == {"parse": []} for body in said)
    posts = [message for thread in threads for message in ours(thread)] + ours(camp.help)
    assert len(posts) >= len(corpus)
    assert not any(post.mentioned() or post.pings_all() or post.payload()["mention_roles"] for post in posts)
    assert not any(post.text for post in posts)  # all we say stands in embeds, which ping nobody whatever they say
