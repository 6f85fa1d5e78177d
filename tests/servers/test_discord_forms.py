"""The finer points of commands and forms: what people may fill in, and what arrives."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import app_commands, ui
from typing_extensions import override

from tests.makers import SetClock
from tests.servers.clients import Listener, listening
from tests.servers.discord import VOICE, Can, Channel, DiscordServer, Guild, Member, NotAllowed


class Pick(ui.Modal, title="Choose"):
    """A form of labels: a text, a select menu, and words between."""

    about: ui.TextDisplay[Any] = ui.TextDisplay("Choose well.")
    zone = ui.Label["Pick"](text="Zone", component=ui.TextInput["Pick"](custom_id="zone", default="Europe/Berlin"))
    often: ui.Label["Pick"] = ui.Label(
        text="How often",
        description="You can change it later",
        component=ui.Select["Pick"](
            custom_id="often",
            options=[discord.SelectOption(label="Daily", value="d"), discord.SelectOption(label="Weekly", value="w")],
        ),
    )

    @override
    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.zone.component, ui.TextInput)
        assert isinstance(self.often.component, ui.Select)
        text = f"{self.zone.component.value} {self.often.component.values}"
        await interaction.response.send_message(text, ephemeral=True)


@pytest.fixture
async def client(server: DiscordServer, place: Channel) -> AsyncIterator[Listener]:
    async with listening(server) as client:
        tree = app_commands.CommandTree(client)

        @tree.command(name="show", description="Show what came")
        @app_commands.default_permissions(manage_messages=True)
        @app_commands.choices(how=[app_commands.Choice(name="Short", value="s")])
        async def show(
            interaction: discord.Interaction,
            who: discord.User,
            where: discord.TextChannel,
            role: discord.Role,
            how: str,
            many: app_commands.Range[int, 1, 5],
            note: app_commands.Range[str, 2, 10] = "--",
        ) -> None:
            text = f"{who.name} {where.name} {role.name} {how} {many} {note}"
            await interaction.response.send_message(text)
            message = await interaction.original_response()
            await message.edit(content=text + "!")
            more = await interaction.followup.send("more", wait=True)
            await more.edit(content="even more")
            await interaction.delete_original_response()

        @tree.command(name="pick", description="Open the form")
        async def pick(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Pick())

        await tree.sync()
        yield client


@pytest.fixture
def options(guild: Guild, place: Channel, bo: Member) -> dict[str, Any]:
    return {"who": bo, "where": place, "role": guild.role("helpers"), "how": "s", "many": 3}


async def test_options_arrive_and_answers_are_edited_and_deleted(
    server: DiscordServer, client: Listener, guild: Guild, place: Channel, options: dict[str, Any]
) -> None:
    call = place.command(guild.owner, "show", **options)
    said = await call.says(2)
    await server.log.until(lambda: bool(server.log.answers("DELETE /webhooks/**")))
    assert [message.text for message in call.said] == ["bo help helpers s 3 --!", "even more"]
    assert server.visible(place, guild.owner) == [said]


def test_only_so_many_commands_are_created_in_a_day(server: DiscordServer, clock: SetClock) -> None:
    def a_set(of: str) -> list[dict[str, Any]]:
        return [{"name": f"{of}{number}", "description": "d"} for number in range(100)]

    commands = server.commands
    assert [commands.replace(None, a_set(of)) for of in ("a", "b", "b")] == [([], False)] * 3
    assert commands.replace(None, a_set("c")) == ([], True)
    clock.advance(timedelta(days=1))
    assert commands.replace(None, a_set("c")) == ([], False)


@pytest.mark.parametrize(
    ("changes", "_name"),
    [
        ({"how": "long"}, "no such choice"),
        ({"many": 6}, "too many"),
        ({"many": "3"}, "no number"),
        ({"where": ...}, "a channel of another type"),
        ({"note": "x"}, "too short"),
        ({"note": "x" * 11}, "too long"),
        ({"extra": 1}, "no such option"),
        ({"who": None}, "one that is needed is missing"),
    ],
)
async def test_people_cannot_send_what_the_client_would_not_take(
    client: Listener, guild: Guild, place: Channel, options: dict[str, Any], changes: dict[str, Any], _name: str
) -> None:
    if "where" in changes:
        changes = {"where": guild.channel("talk", VOICE)}
    filled = {name: value for name, value in (options | changes).items() if value is not None}
    with pytest.raises(NotAllowed):
        place.command(guild.owner, "show", **filled)


async def test_a_command_is_hidden_from_those_without_its_permission(
    client: Listener, guild: Guild, place: Channel, ada: Member, options: dict[str, Any]
) -> None:
    with pytest.raises(NotAllowed):
        place.command(ada, "show", **options)
    ada.give(guild.role("moderator", Can.MANAGE_MESSAGES))
    await place.command(ada, "show", **options).done()


async def test_a_form_of_labels(client: Listener, place: Channel, ada: Member) -> None:
    form = await place.command(ada, "pick").opens()
    assert form.texts == ["Choose well."]
    assert [(field.label, field.value, field.description) for field in form.fields] == [
        ("Zone", "Europe/Berlin", ""),
        ("How often", "", "You can change it later"),
    ]
    with pytest.raises(NotAllowed):
        form.submit({"How often": "Yearly"})
    with pytest.raises(NotAllowed):
        form.submit({"Colour": "red"})
    assert (await form.submit({"How often": "Weekly"}).answer()).text == "Europe/Berlin ['w']"
