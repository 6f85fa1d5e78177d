"""Says what a platform lacks, and where to switch it on."""

from bot.models import Lack, Lacking, Platform
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
SLACK_WHAT = {
    Lack.ANSWER: phrase("Slack does not answer: {reason}"),
    Lack.TOKEN: phrase("Slack does not accept the bot token ({reason})."),
    Lack.APP_TOKEN: phrase("Slack does not accept the app-level token ({reason})."),
    Lack.WAY_IN: phrase("Slack has no way to tell me what happens."),
    Lack.SECRET: phrase("Deliveries come to /slack/events whose signature does not fit."),
    Lack.SCOPES: phrase("I lack these scopes: {permissions}."),
    Lack.EVENTS: phrase("Slack does not tell me of new messages; I find them only by reading again."),
    Lack.SPACE: phrase("My token is for another workspace than {space}."),
    Lack.MEMBER: phrase("I am not in {channel}, which I follow."),
}
SLACK_REMEDY = {
    Lack.ANSWER: phrase("Look at the network and at SLACK_API_URL, and try again."),
    Lack.TOKEN: phrase(
        "api.slack.com/apps, your app, OAuth & Permissions: install it to the workspace, put the Bot User OAuth Token"
        " into SLACK_BOT_TOKEN and restart."
    ),
    Lack.APP_TOKEN: phrase(
        "api.slack.com/apps, your app, Basic Information, App-Level Tokens: make one with connections:write, put it"
        " into SLACK_APP_TOKEN and restart."
    ),
    Lack.WAY_IN: phrase(
        "Give SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for deliveries to /slack/events, and restart."
    ),
    Lack.SECRET: phrase(
        "api.slack.com/apps, your app, Basic Information, App Credentials: put the Signing Secret into"
        " SLACK_SIGNING_SECRET and restart."
    ),
    Lack.SCOPES: phrase(
        "api.slack.com/apps, your app, OAuth & Permissions, Bot Token Scopes: add them, then reinstall the app."
    ),
    Lack.EVENTS: phrase(
        "api.slack.com/apps, your app, Event Subscriptions, Subscribe to bot events: add {permissions} and reinstall."
    ),
    Lack.SPACE: phrase("Put that workspace's token into SLACK_BOT_TOKEN, or run /folkmoot-admin unwatch there."),
    Lack.MEMBER: phrase("Invite me there with /invite, or run /folkmoot-admin unwatch."),
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
    slack = lacking.platform is Platform.SLACK
    what, remedy = (SLACK_WHAT, SLACK_REMEDY) if slack else (WHAT, REMEDY)
    return texts.say(what[lacking.lack], **values), texts.say(remedy[lacking.lack], **values)
