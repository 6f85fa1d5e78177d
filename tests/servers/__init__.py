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
    discord.world.application.privileged.discard("members")
    guild.bot_role.set(…); channel.make_private(); thread.archive(locked=True); guild.go_down(); guild.kick_bot()

Time: ids, moments, the nonce window, the 3 s and 15 min of interactions and the age of messages follow the server's
clock; rate limits, delays and the patience of people follow the event loop's time.

Every request is checked against the published schema beside the checkout (../shared/contract) where it is there, and
against the limits that the schema lacks. `DiscordServer.unchecked` says why not.
"""
