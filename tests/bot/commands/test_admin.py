"""/folkmoot-admin: what a community decides, checked before it is kept."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import CommandError
from bot.markup import plain
from bot.models import (
    Card,
    CardMode,
    Channel,
    ChannelGone,
    ChannelInfo,
    ChannelSeen,
    Every,
    Form,
    KnownChannel,
    KnownSpace,
    Level,
    position_at,
)
from bot.models import Platform as On
from tests.bot.commands.scene import AWAY_CHANNEL, GENERAL, SECRET, Scene
from tests.makers import HELP, NOON, SPACE


async def channel(scene: Scene, key: Channel = HELP) -> KnownChannel:
    found = await scene.store.places.channel(key)
    assert found is not None
    return found


async def space(scene: Scene) -> KnownSpace:
    found = await scene.store.places.space(SPACE)
    assert found is not None
    return found


async def refused(scene: Scene, name: str, args: Mapping[str, str], who: str = "root") -> str:
    with pytest.raises(CommandError) as error:
        await scene.run(name, args, who=who)
    return str(error.value)


async def test_channels_are_followed_and_left(scene: Scene) -> None:
    assert "already" in await scene.said("folkmoot-admin watch", {"channel": "#general"}, who="mo")
    assert "no longer" in await scene.said("folkmoot-admin unwatch", {"channel": "<#general|general>"}, who="mo")
    assert not (await channel(scene, GENERAL)).settings.watched
    assert "don't follow" in await scene.said("folkmoot-admin unwatch", {"channel": "general"}, who="mo")
    assert "from now on" in await scene.said("folkmoot-admin watch", {"channel": "general"}, who="mo")
    assert (await channel(scene, GENERAL)).settings.watched


async def test_a_name_that_several_channels_have_is_asked_about(scene: Scene) -> None:
    twins = [Channel(SPACE, "71"), Channel(SPACE, "72")]
    for it in twins:
        told = ChannelSeen(info=ChannelInfo(channel=it, name="talk"), at=NOON)
        scene.rooms[SPACE.platform].listed[it] = told.info
        await scene.store.ledger.record([told])
    for args in ({"channel": "#talk"}, {"channel": "Talk"}):
        assert "called '" in (said := await refused(scene, "folkmoot-admin watch", args))
        assert "71, 72" in said
    await scene.run("folkmoot-admin watch", {"channel": "72"}, who="root")
    assert [(await channel(scene, it)).settings.watched for it in twins] == [False, True]
    await scene.store.ledger.record([ChannelGone(channel=twins[0], at=NOON)])
    assert "no longer" in await scene.said("folkmoot-admin unwatch", {"channel": "#talk"}, who="root")


async def test_cards_are_chosen_and_told(scene: Scene) -> None:
    assert "gets lively" in await scene.said("folkmoot-admin cards", who="mo")
    assert "only when somebody asks" in await scene.said("folkmoot-admin cards", {"mode": "asked"}, who="mo")
    assert (await channel(scene)).settings.cards is CardMode.ASKED


async def test_a_board_stands_where_everybody_may_read_it(scene: Scene) -> None:
    await scene.run("folkmoot-admin board", {"of": "#help", "in": "#general"}, who="mo")
    await scene.deliver()
    [board] = scene.shown(GENERAL)
    assert "Which tent holds out in a storm?" in plain(board.body)
    assert "axolotl" not in plain(board.body)
    assert "already" in await scene.said("folkmoot-admin board", {"of": "#help", "in": "#help"}, who="mo")
    said = await refused(scene, "folkmoot-admin board", {"of": "#quokka-den", "in": "#general"}, "mo")
    assert "not everybody there may read #quokka-den" in said


async def test_a_board_may_list_several_channels(scene: Scene) -> None:
    for of in ("#help #general", "#general,help,<#help>"):
        said = await scene.said("folkmoot-admin board", {"of": of, "in": "#general"}, who="mo")
        assert "board of #" in said
    await scene.deliver()
    [board] = scene.shown(GENERAL)
    assert "Which tent holds out in a storm?" in plain(board.body)
    said = await refused(scene, "folkmoot-admin board", {"of": "#help #quokka-den", "in": "#general"}, "mo")
    assert "A board of #quokka-den may not stand in #general" in said
    assert "no channel '#nowhere'" in await refused(scene, "folkmoot-admin board", {"of": "#help #nowhere"}, "mo")


async def test_a_channel_that_keeps_no_words_may_have_its_own_board(scene: Scene) -> None:
    await scene.store.places.set_level(HELP, Level.COUNT, 0)
    said = await refused(scene, "folkmoot-admin board", {"of": "#help", "in": "#general"}, "mo")
    assert "a board of it can only stand there" in said
    assert "on its way" in await scene.said("folkmoot-admin board", {"of": "#help", "in": "#help"}, who="mo")
    await scene.deliver()
    [board] = scene.shown()
    assert "10 msgs" in plain(board.body)


async def test_a_raise_is_told_and_covers_what_comes_after(scene: Scene) -> None:
    await scene.run("folkmoot-admin share", {"level": "web"}, who="root")
    settings = (await channel(scene)).settings
    assert settings.level is Level.WEB
    assert settings.web_from == position_at(On.LOCAL, NOON + timedelta(hours=3))
    await scene.deliver()
    [notice] = scene.shown()
    assert "can be read on the web" in plain(notice.body)
    assert [it.command for it in notice.buttons] == ["privacy optout"]
    scene.clock.advance(timedelta(minutes=1))
    await scene.run("folkmoot-admin share", {"level": "web"}, who="root")
    assert (await channel(scene)).settings == settings
    await scene.deliver()
    assert len(scene.shown()) == 1


async def test_search_engines_get_what_is_on_the_web_only_when_confirmed_and_told(scene: Scene) -> None:
    await scene.run("folkmoot-admin share", {"level": "web"}, who="root")
    settings = (await channel(scene)).settings
    scene.clock.advance(timedelta(minutes=1))
    form = await scene.run("folkmoot-admin share", {"level": "index"}, who="root")
    assert isinstance(form, Form)
    assert "May search engines list" in form.fields[0].label
    assert "Nothing was changed" in await scene.said(form.command, {**form.args, "confirm": "no"}, who="root")
    assert (await channel(scene)).settings == settings
    await scene.run(form.command, {**form.args, "confirm": "yes"}, who="root")
    assert (await channel(scene)).settings == replace(settings, level=Level.INDEX)
    await scene.deliver()
    notice = scene.shown()[1]
    assert "From now on, search engines may list the discussions in #help" in plain(notice.body)
    assert [it.command for it in notice.buttons] == ["privacy optout"]


async def test_a_raise_beyond_the_web_at_once_tells_of_search_engines_too(scene: Scene) -> None:
    await scene.run("folkmoot-admin share", {"level": "index"}, who="root")
    await scene.deliver()
    [notice] = scene.shown()
    said = plain(notice.body)
    assert "Older ones stay here. Search engines may list what can be read there." in said


async def test_the_history_goes_on_the_web_only_when_confirmed(scene: Scene) -> None:
    args = {"channel": "#help", "level": "web", "include_history": "yes"}
    form = await scene.run("folkmoot-admin share", args, who="root")
    assert isinstance(form, Form)
    assert "older discussions of #help" in form.fields[0].label
    assert "Nothing was changed" in await scene.said("folkmoot-admin share", {**form.args, "confirm": "no"}, who="root")
    assert (await channel(scene)).settings.level is Level.DIGEST
    await scene.run("folkmoot-admin share", {**form.args, "confirm": "yes"}, who="root")
    settings = (await channel(scene)).settings
    assert (settings.level, settings.web_from) == (Level.WEB, 0)
    await scene.deliver()
    assert "older ones too" in plain(scene.shown()[0].body)


async def test_lowering_acts_at_once_and_without_a_notice(scene: Scene) -> None:
    await scene.run("folkmoot-admin share", {"level": "web"}, who="root")
    await scene.deliver()
    await scene.run("folkmoot-admin share", {"level": "digest"}, who="root")
    assert (await channel(scene)).settings.level is Level.DIGEST
    scene.clock.advance(timedelta(minutes=1))
    await scene.run("folkmoot-admin share", {"level": "web"}, who="root")
    assert (await channel(scene)).settings.web_from == position_at(On.LOCAL, NOON + timedelta(hours=3, minutes=1))
    await scene.deliver()
    assert len(scene.shown()) == 2


async def test_deleting_words_is_confirmed_where_they_are_not_hosted(scene: Scene) -> None:
    form = await scene.run("folkmoot-admin share", {"level": "count"}, who="root", channel=AWAY_CHANNEL)
    assert isinstance(form, Form)
    assert "Delete all words" in form.fields[0].label
    confirmed = {**form.args, "confirm": "yes"}
    await scene.run("folkmoot-admin share", confirmed, who="root", channel=AWAY_CHANNEL)
    assert (await channel(scene, AWAY_CHANNEL)).settings.level is Level.COUNT
    assert isinstance(await scene.run("folkmoot-admin share", {"level": "count"}, who="root"), Card)


@pytest.mark.parametrize(
    ("flag", "reason"), [("private", "private"), ("nsfw", "safe for work"), ("connect", "organisation")]
)
async def test_what_is_closed_never_goes_on_the_web(scene: Scene, flag: str, reason: str) -> None:
    info = ChannelInfo(channel=SECRET, name="quokka-den", **{flag: True})  # type: ignore[arg-type]  # a flag by its name
    await scene.store.ledger.record([ChannelSeen(info=info, at=NOON + timedelta(hours=1))])
    for level in ("web", "index"):
        said = await refused(scene, "folkmoot-admin share", {"channel": "#quokka-den", "level": level})
        assert "cannot go beyond 'digest'" in said
        assert reason in said
    await scene.run("folkmoot-admin share", {"channel": "#quokka-den", "level": "count"}, who="root")


async def test_share_without_a_level_says_how_it_is(scene: Scene) -> None:
    assert "people who can read them anyway" in await scene.said("folkmoot-admin share", who="root")


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("zone", "europe/berlin", "Europe/Berlin"),
        ("locale", "Deutsch", "de"),
        ("locale", "de-AT", "de"),
        ("quiet_after", "6h", 21600),
        ("retention_days", "365 d", 365),
        ("retention_days", "off", None),
        ("members_may_start", "no", False),
        ("own_highlights", "on", True),
        ("bot_highlights", "ja", True),
        ("highlights_channel", "#general", "general"),
        ("highlights_channel", "off", None),
        ("log_channel", "quokka-den", "quokka-den"),
    ],
)
async def test_a_setting_is_kept_as_it_is_read_back(scene: Scene, name: str, value: str, kept: object) -> None:
    await scene.run("folkmoot-admin set", {"name": name, "value": value}, who="root")
    assert getattr(await space(scene), name) == kept


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("zone", "CET+1", "Did you mean"),
        ("locale", "Klingon", "Deutsch (de), English (en)"),
        ("quiet_after", "soon", "such as 6h"),
        ("retention_days", "-1", "such as 365"),
        ("retention_days", "two weeks", "such as 365"),
        ("retention_days", "0000010000000", "such as 365"),
        ("quiet_after", "1m", "from 10m to 7d"),
        ("quiet_after", "9999w", "from 10m to 7d"),
        ("members_may_start", "perhaps", "yes or no"),
        ("highlights_channel", "#nowhere", "I know no channel"),
        ("colour", "blue", "Choose one of: zone"),
    ],
)
async def test_a_wrong_setting_says_what_is_right(scene: Scene, name: str, value: str, sentence: str) -> None:
    before = await space(scene)
    assert sentence in await refused(scene, "folkmoot-admin set", {"name": name, "value": value})
    assert await space(scene) == before


async def test_bots_are_counted_by_channel(scene: Scene) -> None:
    await scene.run("folkmoot-admin set", {"name": "count_bots", "value": "yes", "channel": "#general"}, who="root")
    await scene.run("folkmoot-admin set", {"name": "bridges", "value": "7, 8"}, who="root")
    assert (await channel(scene, GENERAL)).settings.count_bots
    assert (await channel(scene)).settings.bridges == {"7", "8"}
    await scene.run("folkmoot-admin set", {"name": "bridges", "value": "<@!7> <@B8|relay> 9"}, who="root")
    assert (await channel(scene)).settings.bridges == {"7", "B8", "9"}
    await scene.run("folkmoot-admin set", {"name": "bridges", "value": "off"}, who="root")
    assert not (await channel(scene)).settings.bridges


async def test_all_settings_are_shown(scene: Scene) -> None:
    said = await scene.said("folkmoot-admin settings", who="root")
    for name in ("zone", "locale", "quiet_after", "members_may_start", "own_highlights", "bot_highlights"):
        assert f"({name})" in said
    for name in ("highlights_channel", "log_channel", "watched", "cards", "level", "count_bots", "bridges"):
        assert f"({name})" in said
    assert "24 h" in said or "1 d" in said
    assert "Language of posts (locale): English" in said
    assert "moderator_group" not in said  # the room has no groups
    assert "(moderator_group)" in await scene.said("folkmoot-admin settings", who="root", channel=AWAY_CHANNEL)


@pytest.mark.parametrize(
    ("every", "weekday", "locale"), [("every week", "Friday", "en"), ("JEDE WOCHE", "freitag", "de")]
)
async def test_a_choice_is_known_by_what_it_is_called(scene: Scene, every: str, weekday: str, locale: str) -> None:
    args = {"name": "News", "every": every, "weekday": weekday, "at": "09:00", "zone": "UTC"}
    await scene.run("digest schedule", args, who="mo", locale=locale)
    [schedule] = await scene.store.calendar.schedules()
    assert (schedule.rule.every, schedule.rule.weekday) == (Every.WEEKLY, "fri")


async def test_the_log_channel_is_chosen(scene: Scene) -> None:
    await scene.run("folkmoot-admin log", {"channel": "#quokka-den"}, who="root")
    assert (await space(scene)).log_channel == "quokka-den"
    await scene.run("folkmoot-admin log", {"channel": "off"}, who="root")
    assert (await space(scene)).log_channel is None


SETUP = {
    "zone": "Europe/Berlin",
    "locale": "de",
    "channels": "#help, general",
    "log": "#quokka-den",
    "digest": "weekly",
}


async def test_setup_is_one_form(scene: Scene) -> None:
    form = await scene.run("folkmoot-admin setup", who="root")
    assert isinstance(form, Form)
    begins = {it.name: it.value for it in form.fields}
    assert begins["zone"] == "UTC"
    assert begins["channels"] == "#general #help #quokka-den"
    said = await scene.said("folkmoot-admin setup", {**form.args, **SETUP}, who="root")
    assert "I follow #general, #help." in said
    assert not (await channel(scene, SECRET)).settings.watched
    now = await space(scene)
    assert (now.zone, now.locale, now.log_channel, now.set_up) == ("Europe/Berlin", "de", "quokka-den", True)
    [schedule] = await scene.store.calendar.schedules()
    assert (schedule.destination, schedule.rule.zone) == (HELP, "Europe/Berlin")
    await scene.deliver()
    [notice] = scene.shown()
    assert "/privacy" in plain(notice.body)


async def test_setup_twice_posts_one_notice_and_one_digest(scene: Scene) -> None:
    for _ in range(2):
        await scene.run("folkmoot-admin setup", SETUP, who="root")
    await scene.deliver()
    assert len(scene.shown()) == 1
    assert len(await scene.store.calendar.schedules()) == 1


async def test_setup_without_channels_leaves_them_as_they_are(scene: Scene) -> None:
    said = await scene.said("folkmoot-admin setup", {"zone": "UTC", "locale": "en"}, who="root")
    assert "I follow #general, #help, #quokka-den." in said


async def test_setup_begins_without_channels_that_its_field_cannot_hold(scene: Scene) -> None:
    many = [Channel(SPACE, f"a-channel-with-a-long-name-{n}") for n in range(80)]
    told = [ChannelSeen(info=ChannelInfo(channel=it, name=it.id), at=NOON) for it in many]
    scene.rooms[SPACE.platform].listed |= {it.info.channel: it.info for it in told}
    await scene.store.ledger.record(told)
    for it in many:
        await scene.store.places.watch(it, True)
    form = await scene.run("folkmoot-admin setup", who="root")
    assert isinstance(form, Form)
    sent = {it.name: it.value[: it.limit] for it in form.fields if it.value}
    await scene.run("folkmoot-admin setup", {**form.args, **sent}, who="root")
    assert all([(await channel(scene, it)).settings.watched for it in many])


async def test_setup_puts_a_board_of_what_may_be_listed_where_it_is_used(scene: Scene) -> None:
    args = {"zone": "UTC", "locale": "en", "board": "yes"}
    for _ in range(2):
        await scene.run("folkmoot-admin setup", args, who="root", channel=GENERAL)
    await scene.deliver()
    [board] = [card for card in scene.shown(GENERAL) if "in progress" in card.title]
    assert "Which tent holds out in a storm?" in plain(board.body)
    assert "quokka" not in plain(board.body)
    first, second = sorted([(await channel(scene, key)).key for key in (GENERAL, HELP)])
    assert await scene.store.outbox.of_subject(f"board:{first}+{second}") is not None


async def test_the_first_channel_that_is_followed_hears_who_we_are(scene: Scene) -> None:
    for key in (GENERAL, HELP):
        await scene.store.places.watch(key, False)
        await scene.run("folkmoot-admin watch", {"channel": f"#{key.id}"}, who="mo", channel=SECRET)
    await scene.deliver()
    [notice] = scene.shown(GENERAL)
    assert "#general: text, quoted only" in plain(notice.body)
    assert "/privacy optout" in plain(notice.body)
    assert scene.shown() == []


async def test_a_wrong_setup_changes_nothing(scene: Scene) -> None:
    before = await scene.rows()
    for wrong in ({"zone": "Mars"}, {"channels": "#help #nowhere"}, {"log": "#nowhere"}, {"locale": "xx"}):
        await refused(scene, "folkmoot-admin setup", SETUP | wrong)
    assert await scene.rows() == before


async def test_the_doctor_names_each_problem_with_its_remedy(scene: Scene) -> None:
    assert "never set up" in await scene.said("folkmoot-admin doctor", who="root")
    await scene.run("folkmoot-admin setup", SETUP | {"locale": "en"}, who="root")
    assert "All is well" in await scene.said("folkmoot-admin doctor", who="root")
    await scene.store.places.set_space(SPACE, highlights_channel="gone")
    room = scene.rooms[On.LOCAL]
    del room.listed[GENERAL]
    for key in (HELP, SECRET):
        await scene.store.places.watch(key, False)
    said = await scene.said("folkmoot-admin doctor", who="root")
    assert "The channel chosen as highlights_channel is gone." in said
    assert "I follow no channel that you can open." in said
    assert "1 channel that I follow is closed to me." in said
    assert "3 things to mend" in said


async def test_the_doctor_tells_what_was_given_up(scene: Scene) -> None:
    await scene.run("folkmoot-admin setup", SETUP | {"locale": "en"}, who="root")
    [post] = await scene.store.outbox.claim("test", scene.clock.now(), 60)
    for _ in range(5):
        await scene.store.outbox.retry(post.id, "test", "no permission", scene.clock.now())
        await scene.store.outbox.claim("test", scene.clock.now(), 60)
    assert "1 post in #help was given up: no permission." in await scene.said("folkmoot-admin doctor", who="root")
