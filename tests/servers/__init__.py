"""Wire-level platforms for tests: the real client libraries talk to them on loopback.

A test makes a Discord, lets people act on it, and looks at what they see:

    async with DiscordServer(SetClock()) as discord:            # fails at the end if one of our requests broke a rule
        guild = discord.guild("Camp")                           # our bot is in it
        ada, bo = guild.member("Ada"), guild.member("Bo")
        help_ = guild.channel("help")
        settings = load(override={"discord_token": discord.token, "discord_api_url": discord.api_url})
        ...                                                     # start what is tested
        question = help_.post(ada, "Which tent?")
        thread = question.thread(ada, "Tents")
        thread.post(bo, "That one.").react(ada, "⭐")
        call = help_.command(ada, "discussion start")           # also message.menu(), .press(), .choose()
        form = await call.opens()
        answer = await form.submit({"Title": "Tents"}).answer() # what she sees; DidNotRespond after 3 s
        [message.text for message in discord.visible(help_, ada)]
        discord.look(help_, ada)                                # the same as lines of text, for golden renders

What people do is checked against what Discord lets them do (NotAllowed) and logged; so is what was delivered and what
we asked:

    discord.log.requests("POST /channels/*/messages")           # also .answers(), .events(), .deeds(), .sockets()

Faults (faults.py says which there are):

    discord.faults.on("POST /channels/*/messages", DropReply())
    discord.faults.on("EVENT MESSAGE_CREATE", Hold(), times=2)
    discord.faults.on("RESUME", Refuse())
    discord.gateway.close(4000)                                 # also .cut(), .go_half_open(), .invalidate(), …

Rules that a test may tighten:

    discord.limits.set("POST /channels/*/messages", 5, 5.0)
    discord.history_lag = timedelta(seconds=8)
    discord.world.application.privileged.discard("members")
    guild.bot_role.set(…); channel.make_private(); thread.archive(locked=True); guild.go_down(); guild.kick_bot()

Time: ids, moments, the nonce window, the 3 s and 15 min of interactions and the age of messages follow the server's
clock; rate limits, delays and the patience of people follow the event loop's time.

A Slack is one workspace, with the same feeling:

    async with SlackServer(SetClock()) as slack:                # a second workspace: another one with another `team`
        ada, gus = slack.member("Ada", Role.OWNER), slack.member("Gus", Role.GUEST)
        help_ = slack.channel("help")                           # also private=True, bot=False, members=(…), connected=…
        settings = load(override={"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token,
                                  "slack_api_url": slack.api_url})
        ...                                                     # start what is tested (Socket Mode)
        await slack.sockets.until_open(2)
        await slack.hooks.aim("http://127.0.0.1:…/slack/events")    # or by signed HTTP; several are a load balancer
        question = help_.post(ada, "Which tent?")
        answer = question.reply(ada, "That one.", broadcast=True)
        answer.react(ada, "star"); answer.edit(ada, "That!"); question.unfurl(); question.delete()
        call = help_.command(ada, "/folkmoot", "status")        # also message.shortcut(), .press(), .choose()
        form = await call.opens()
        answer = await form.submit({"Title": "Tents"}).answer() # .refused(): what is wrong by label; DidNotRespond
        ada.open_home(); slack.look_home(ada)
        slack.visible(help_, ada); slack.look(help_, ada)       # with what only she sees

Its faults are of requests ("chat.postMessage", "response_url"), of deliveries ("EVENT message",
"EVENT message.message_changed", "COMMAND", "INTERACTIVE": Lose, Duplicate, Hold, Malform, Delay, and DropReply, which
loses our acknowledgement; on sockets Close and HalfOpen) and of connections ("CONNECT /socket"). Moreover:

    await slack.sockets.refresh("warning")                      # also .make_zombies(), .go_half_open(), .cut()
    slack.deliveries.pause(); .resume(); .forget()              # as if we had been away
    clock.advance(timedelta(minutes=1)); await slack.deliveries.settled()   # retries go by the server's clock
    slack.statistics                                            # attempts, successes, retries, given_up
    slack.log.events("message**")                               # attempts to tell us; who="attempt 1" are retries
    slack.app.scopes.discard("pins:read"); slack.app.events.discard("app_mention"); slack.install(manifest)
    slack.rotate_tokens(); slack.sockets.together = 2           # greeted when both are there, not one by one
    slack.revoke_token(); slack.uninstall(); slack.reinstall(); slack.rate_limit_events(); slack.tell("unknown", {…})
    channel.make_private(ada); .archive(ada); .rename(ada, "x"); .connect("T0OTHER001"); .kick_bot(); .invite_bot(ada)
    slack.thread_pages_backwards = True; slack.repeat_parents = False   # both were seen of conversations.replies
    slack.world.history_lag = 8.0; slack.edit_window = 60; slack.reaction_users = 2; slack.make_distributed()
    slack.limits.set("chat.update", 5, 60.0); slack.limits.off()
    slack.world.patience = 0.2                                  # instead of 3 s, where a test means to be late

Signatures carry real time (slack-bolt checks them against it) unless `slack.hooks.now` is set.

Every request is checked against the published schema beside the checkout (../shared/contract) where it is there, and
against the limits that the schema lacks. `unchecked` of either server says why not.
"""
