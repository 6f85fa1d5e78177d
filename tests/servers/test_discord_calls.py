"""Commands, menus, buttons and forms: the real discord.py answers, people see it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import app_commands, ui
from typing_extensions import override

from tests.makers import SetClock
from tests.servers.clients import Listener, listening
from tests.servers.discord import Can, Channel, DidNotRespond, DiscordServer, Member, NotAllowed

Answering = Callable[[discord.Interaction], Awaitable[Any]]


class Desk:
    """A client with commands whose answers each test gives."""

    def __init__(self, client: Listener) -> None:
        self.client = client
        self.tree = app_commands.CommandTree(client)
        self.answer: Answering | None = None
        self.errors: list[int] = []
        self._failed = asyncio.Event()
        group = app_commands.Group(name="discussion", description="Discussions")

        @group.command(name="start", description="Open one")
        async def start(interaction: discord.Interaction, title: str = "") -> None:
            await self.respond(interaction)

        @self.tree.context_menu(name="Highlight")
        async def highlight(interaction: discord.Interaction, message: discord.Message) -> None:
            await self.respond(interaction)

        self.tree.add_command(group)

    async def respond(self, interaction: discord.Interaction) -> None:
        """Answer as the test wants; what goes wrong is kept."""
        assert self.answer is not None
        try:
            await self.answer(interaction)
        except discord.HTTPException as error:
            self.errors.append(error.code)
            self._failed.set()

    async def failure(self) -> int:
        """The code with which an answer was refused."""
        await asyncio.wait_for(self._failed.wait(), 5)
        return self.errors[-1]


@pytest.fixture
async def desk(server: DiscordServer, place: Channel) -> AsyncIterator[Desk]:
    async with listening(server) as client:
        desk = Desk(client)
        await desk.tree.sync()
        yield desk


async def test_commands_are_registered_with_ids_that_stay(server: DiscordServer, desk: Desk) -> None:
    first = {command["name"]: command["id"] for command in server.world.commands.registered()}
    assert set(first) == {"discussion", "Highlight"}
    await desk.tree.sync()
    assert {command["name"]: command["id"] for command in server.world.commands.registered()} == first
    desk.tree.copy_global_to(guild=desk.client.guilds[0])
    await desk.tree.sync(guild=desk.client.guilds[0])
    assert len(server.world.commands.registered(str(desk.client.guilds[0].id))) == 2


async def test_a_command_is_answered_privately(
    server: DiscordServer, desk: Desk, place: Channel, ada: Member, bo: Member
) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        assert interaction.namespace.title == "Tents"
        await interaction.response.send_message("Started", ephemeral=True)
        await interaction.followup.send("One more thing", ephemeral=True)

    desk.answer = answer
    call = place.command(ada, "discussion start", title="Tents")
    assert (await call.answer()).text == "Started"
    await call.says(2)
    assert [message.text for message in server.visible(place, ada)] == ["Started", "One more thing"]
    assert server.visible(place, bo) == []
    assert call.took < 1


async def test_a_public_answer_stands_in_the_channel(
    server: DiscordServer, desk: Desk, place: Channel, ada: Member, bo: Member
) -> None:
    desk.answer = lambda interaction: interaction.response.send_message("For all")
    answer = await place.command(ada, "discussion start").answer()
    assert server.visible(place, bo) == [answer]
    (heard,) = await desk.client.until("message")
    assert heard.type is discord.MessageType.chat_input_command
    assert heard.interaction_metadata.user.name == "ada"


async def test_a_deferred_answer_comes_later(desk: Desk, place: Channel, ada: Member) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content="Counted")

    desk.answer = answer
    call = place.command(ada, "discussion start")
    answered = await call.answer()
    assert (answered.text, answered.ephemeral, call.acknowledged) == ("Counted", True, 5)
    assert answered.edited_at is None


async def test_nobody_answers(desk: Desk, server: DiscordServer, place: Channel, ada: Member) -> None:
    never = asyncio.Event()

    async def answer(_: discord.Interaction) -> None:
        await never.wait()

    desk.answer = answer
    server.world.patience = 0.05
    with pytest.raises(DidNotRespond):
        await place.command(ada, "discussion start").answer()
    never.set()


async def test_an_acknowledgement_after_three_seconds_is_too_late(
    desk: Desk, server: DiscordServer, place: Channel, ada: Member, clock: SetClock
) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        clock.advance(timedelta(seconds=4))
        await interaction.response.send_message("Too late", ephemeral=True)

    desk.answer = answer
    server.world.patience = 0.2
    with pytest.raises(DidNotRespond):
        await place.command(ada, "discussion start").answer()
    assert await desk.failure() == 10062


async def test_the_token_lasts_a_quarter_of_an_hour(desk: Desk, place: Channel, ada: Member, clock: SetClock) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Wait", ephemeral=True)
        clock.advance(timedelta(minutes=16))
        await interaction.followup.send("Done", ephemeral=True)

    desk.answer = answer
    await place.command(ada, "discussion start").answer()
    assert await desk.failure() == 50027


async def test_a_second_acknowledgement_is_refused(desk: Desk, place: Channel, ada: Member) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("First", ephemeral=True)
        route = discord.http.Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback")
        await desk.client.http.request(route, json={"type": 5})

    desk.answer = answer
    await place.command(ada, "discussion start").answer()
    assert await desk.failure() == 40060


async def test_a_menu_brings_its_message(desk: Desk, place: Channel, ada: Member, bo: Member) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        assert interaction.data is not None
        (target,) = interaction.data["resolved"]["messages"].values()  # type: ignore[typeddict-item]
        await interaction.response.send_message(f"Highlighted: {target['content']}", ephemeral=True)

    desk.answer = answer
    message = place.post(bo, "That one.")
    assert (await message.menu(ada, "Highlight").answer()).text == "Highlighted: That one."


class StartForm(ui.Modal, title="Start a discussion"):
    """A form with a line and a longer text."""

    headline: ui.TextInput["StartForm"] = ui.TextInput(label="Title", max_length=20)
    words: ui.TextInput["StartForm"] = ui.TextInput(label="Words", style=discord.TextStyle.long, required=False)

    @override
    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{self.headline.value}: {self.words.value}", ephemeral=True)


async def test_a_form_is_opened_filled_in_and_answered(desk: Desk, place: Channel, ada: Member) -> None:
    desk.answer = lambda interaction: interaction.response.send_modal(StartForm())
    form = await place.command(ada, "discussion start").opens()
    assert (form.title, [field.label for field in form.fields]) == ("Start a discussion", ["Title", "Words"])
    with pytest.raises(NotAllowed):
        form.submit({"Title": "x" * 21})
    with pytest.raises(NotAllowed):
        form.submit({"Words": "no title"})
    answer = await form.submit({"Title": "Tents", "Words": "Which?"}).answer()
    assert answer.text == "Tents: Which?"


async def test_forms_over_the_limits_are_refused(
    desk: Desk, server: DiscordServer, place: Channel, ada: Member
) -> None:
    form = StartForm()
    form.title = "t" * 46
    desk.answer = lambda interaction: interaction.response.send_modal(form)
    server.world.patience = 0.2
    with pytest.raises(DidNotRespond):
        await place.command(ada, "discussion start").opens()
    assert await desk.failure() == 50035
    assert "title" in server.forgive()[0]


async def test_a_button_updates_its_message(desk: Desk, place: Channel, ada: Member, bo: Member) -> None:
    view = ui.View(timeout=None)
    button: ui.Button[ui.View] = ui.Button(label="Reopen", custom_id="v1:reopen:1")

    async def pressed(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="Open again", view=None)

    button.callback = pressed  # type: ignore[method-assign]
    view.add_item(button)
    channel = desk.client.get_channel(int(place.id))
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("Concluded", view=view)
    card = place.messages[str(sent.id)]
    with pytest.raises(NotAllowed):
        card.press(ada, "Close")
    answer = await card.press(ada, "Reopen").answer()
    assert (answer, card.text, card.components) == (card, "Open again", [])


async def test_a_menu_of_choices_on_a_private_answer_is_its_askers(
    desk: Desk, place: Channel, ada: Member, bo: Member
) -> None:
    view = ui.View(timeout=None)
    select: ui.Select[ui.View] = ui.Select(placeholder="Which one?", custom_id="v1:pick:1")
    select.add_option(label="The first", value="1")

    async def chosen(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"You chose {select.values[0]}", ephemeral=True)

    select.callback = chosen  # type: ignore[method-assign]
    view.add_item(select)
    desk.answer = lambda interaction: interaction.response.send_message("Choose", view=view, ephemeral=True)
    answer = await place.command(ada, "discussion start").answer()
    with pytest.raises(NotAllowed):
        answer.choose(bo, "Which one?", "The first")
    assert (await answer.choose(ada, "Which one?", "The first").answer()).text == "You chose 1"


async def test_people_are_offered_only_what_is_registered_for_them(desk: Desk, place: Channel, ada: Member) -> None:
    for words in ("digest", "discussion", "discussion stop"):
        with pytest.raises(NotAllowed):
            place.command(ada, words)
    with pytest.raises(NotAllowed):
        place.command(ada, "discussion start", colour="red")
    place.deny(place.guild.everyone, Can.USE_APPLICATION_COMMANDS)
    with pytest.raises(NotAllowed):
        place.command(ada, "discussion start")


async def test_a_server_may_have_been_joined_without_the_scope_for_commands(desk: Desk, place: Channel) -> None:
    place.guild.takes_commands = False
    with pytest.raises(discord.Forbidden):
        await desk.tree.sync(guild=desk.client.guilds[0])
    with pytest.raises(NotAllowed):
        place.command(place.guild.owner, "discussion start")


async def test_sets_of_commands_over_the_limits_are_refused(server: DiscordServer, desk: Desk) -> None:
    http, an_id = desk.client.http, int(server.world.application.id)
    good = {"name": "ok", "description": "fine", "type": 1}
    for bad in (
        [good, good],
        [{**good, "name": "Upper"}],
        [{**good, "description": "d" * 101}],
        [{**good, "options": [{"name": f"o{n}", "description": "d", "type": 3} for n in range(26)]}],
        [{"name": f"m{n}", "type": 3} for n in range(16)],
    ):
        with pytest.raises(discord.HTTPException):
            await http.bulk_upsert_global_commands(an_id, bad)
    assert len(server.forgive()) == 5
    assert len(server.world.commands.registered()) == 2


@pytest.mark.parametrize("direct", [False, True])
async def test_commands_can_come_from_where_they_should_not(
    desk: Desk, place: Channel, ada: Member, direct: bool
) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        where = "direct" if interaction.guild_id is None else "server"
        await interaction.response.send_message(f"{where} {interaction.is_guild_integration()}", ephemeral=True)

    desk.answer = answer
    call = place.stray_command(ada, "discussion start", direct=direct)
    assert (await call.answer()).text == ("direct False" if direct else "server False")
