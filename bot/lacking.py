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
    Lack.ANSWER: phrase("Check the network and DISCORD_API_URL, and try again."),
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
    Lack.SOCKETS: phrase("Slack opens no socket for me ({reason}); most likely Socket Mode is off."),
    Lack.SECRET: phrase("What is delivered to /slack/events is not signed with SLACK_SIGNING_SECRET."),
    Lack.WAY_IN: phrase("Slack has no way to tell me what happens."),
    Lack.SCOPES: phrase("I lack these scopes: {permissions}."),
    Lack.EVENTS: phrase("Slack does not tell me of {permissions}; I find such things only by reading again."),
    Lack.SPACE: phrase("My token is for another workspace than {space}."),
    Lack.SLOW: phrase("Slack lets this app read once a minute, 15 messages each: what I missed comes in slowly."),
    Lack.MEMBER: phrase("I am not in {channel}, which I follow."),
}
SLACK_UNSURE = {
    Lack.COMMANDS: phrase("No slash command has come from Slack so far; that is fine if nobody used one."),
    Lack.INTERACTIVITY: phrase("No button, form or message menu has come from Slack so far; fine if nobody used one."),
    Lack.EVENTS: phrase("Nothing has come from Slack so far of {permissions}; that is fine if nothing of it happened."),
}
SLACK_REMEDY = {
    Lack.ANSWER: phrase("Check the network and SLACK_API_URL, and try again."),
    Lack.TOKEN: phrase(
        "api.slack.com/apps, your app, OAuth & Permissions: install it to the workspace, put the Bot User OAuth Token"
        " into SLACK_BOT_TOKEN and restart."
    ),
    Lack.APP_TOKEN: phrase(
        "api.slack.com/apps, your app, Basic Information, App-Level Tokens: make one with connections:write, put it"
        " into SLACK_APP_TOKEN and restart."
    ),
    Lack.SOCKETS: phrase("api.slack.com/apps, your app, Socket Mode: switch on Enable Socket Mode and restart."),
    Lack.SECRET: phrase(
        "api.slack.com/apps, your app, Basic Information, App Credentials: put the Signing Secret into"
        " SLACK_SIGNING_SECRET, see that this machine's clock is right, and restart."
    ),
    Lack.WAY_IN: phrase(
        "Give SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for deliveries to /slack/events, and restart."
    ),
    Lack.SCOPES: phrase(
        "api.slack.com/apps, your app, OAuth & Permissions, Bot Token Scopes: add them, then reinstall the app."
    ),
    Lack.EVENTS: phrase(
        "api.slack.com/apps, your app, Event Subscriptions: switch on Enable Events (without Socket Mode its Request"
        " URL has to be verified), add what is missing under Subscribe to bot events, save, and reinstall the app."
    ),
    Lack.COMMANDS: phrase(
        "api.slack.com/apps, your app, Slash Commands: /folkmoot has to be there, and without Socket Mode its Request"
        " URL has to end in /slack/events."
    ),
    Lack.INTERACTIVITY: phrase(
        "api.slack.com/apps, your app, Interactivity & Shortcuts: switch on Interactivity; without Socket Mode its"
        " Request URL has to end in /slack/events."
    ),
    Lack.SPACE: phrase("Put that workspace's token into SLACK_BOT_TOKEN, or run /folkmoot-admin unwatch there."),
    Lack.SLOW: phrase(
        "That limit is for distributed apps: make one of your own at api.slack.com/apps, in your workspace only, with"
        " `folkmoot slack-manifest`."
    ),
    Lack.MEMBER: phrase("Invite me there with /invite, or run /folkmoot-admin unwatch there."),
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
    what, remedy = WHAT, REMEDY
    if lacking.platform is Platform.SLACK:
        what, remedy = SLACK_WHAT if lacking.sure else SLACK_UNSURE, SLACK_REMEDY
    return texts.say(what[lacking.lack], **values), texts.say(remedy[lacking.lack], **values)
