"""Says what a platform lacks, and where to switch it on."""

from bot.models import Lack, Lacking
from bot.texts import Texts, phrase

WHAT = {
    Lack.ANSWER: phrase("Discord does not answer: {reason}"),
    Lack.TOKEN: phrase("Discord does not accept the token."),
    Lack.CONTENT: phrase("I may not read what messages say, so I only count them."),
    Lack.SPACE: phrase("I am not in {space} any more."),
    Lack.COMMANDS: phrase("My commands are not allowed in {space}."),
    Lack.PERMISSIONS: phrase("In {channel} I lack: {permissions}."),
}
REMEDY = {
    Lack.ANSWER: phrase("Look at the network and at DISCORD_API_URL, and try again."),
    Lack.TOKEN: phrase("Developer portal, Bot, Reset Token: put the new one into DISCORD_TOKEN and restart."),
    Lack.CONTENT: phrase(
        "Developer portal, Bot, Privileged Gateway Intents: switch on Message Content Intent and restart."
    ),
    Lack.SPACE: phrase("Invite me again with {link}, or run /folkmoot-admin unwatch for its channels."),
    Lack.COMMANDS: phrase("Open {link} once more and allow it; nothing else changes."),
    Lack.PERMISSIONS: phrase("Channel settings, Permissions: allow them for my role."),
}


def told(lacking: Lacking, texts: Texts, *, space: str = "", channel: str = "") -> tuple[str, str]:
    """What is missing and what to do, each a sentence; `space` and `channel` are the names for what it is about."""
    values = {
        "reason": lacking.reason,
        "space": space or (lacking.space.id if lacking.space else ""),
        "channel": channel or (f"#{lacking.channel.id}" if lacking.channel else ""),
        "permissions": ", ".join(texts.say(name) for name in lacking.permissions),
        "link": lacking.link,
    }
    return texts.say(WHAT[lacking.lack], **values), texts.say(REMEDY[lacking.lack], **values)
