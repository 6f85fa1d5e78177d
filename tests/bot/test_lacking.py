"""What a platform lacks, in words."""

import pytest

from bot.lacking import REMEDY, SLACK_REMEDY, SLACK_UNSURE, SLACK_WHAT, WHAT, told
from bot.models import Channel, Lack, Lacking, Platform, Space
from bot.texts import texts_for

CAMP = Space(Platform.SLACK, "T1")


def test_each_lack_has_a_remedy() -> None:
    assert (set(WHAT), {*SLACK_WHAT, *SLACK_UNSURE}) == (set(REMEDY), set(SLACK_REMEDY))
    assert {*WHAT, *SLACK_WHAT, *SLACK_UNSURE} == set(Lack)


@pytest.mark.parametrize("lack", SLACK_WHAT)
def test_what_slack_lacks_names_slack_and_where_to_mend_it(lack: Lack) -> None:
    lacking = Lacking(
        platform=Platform.SLACK, lack=lack, space=CAMP, channel=Channel(CAMP, "C1"), permissions=("chat:write",),
        reason="invalid_auth",
    )  # fmt: skip
    what, remedy = told(lacking, texts_for("en"), space="Camp", channel="#help")
    assert "Discord" not in what + remedy
    assert any(place in remedy for place in ("api.slack.com/apps", "SLACK_", "/invite"))
    assert "chat:write" in what + remedy or lack not in {Lack.SCOPES, Lack.EVENTS}
    assert told(lacking, texts_for("de")) != (what, remedy)
