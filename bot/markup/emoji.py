"""The emoji that people use most in Slack, whose texts have them by name."""

from collections.abc import Mapping

_NAMED = """
+1=👍 thumbsup=👍 -1=👎 thumbsdown=👎 ok_hand=👌 wave=👋 clap=👏 raised_hands=🙌 pray=🙏 muscle=💪
point_up=☝️ point_right=👉 point_left=👈 point_down=👇 raised_hand=✋ handshake=🤝 v=✌️
crossed_fingers=🤞 eyes=👀 brain=🧠 smile=😄 smiley=😃 grinning=😀 grin=😁 laughing=😆 joy=😂
rolling_on_the_floor_laughing=🤣 rofl=🤣 blush=😊 slightly_smiling_face=🙂 upside_down_face=🙃
wink=😉 heart_eyes=😍 sunglasses=😎 nerd_face=🤓 thinking_face=🤔 neutral_face=😐 sweat_smile=😅
sweat=😓 cry=😢 sob=😭 disappointed=😞 confused=😕 scream=😱 angry=😠 rage=😡
face_with_rolling_eyes=🙄 grimacing=😬 sleeping=😴 face_palm=🤦 shrug=🤷 partying_face=🥳
star-struck=🤩 hugging_face=🤗 saluting_face=🫡 melting_face=🫠 exploding_head=🤯 skull=💀
ghost=👻 robot_face=🤖 see_no_evil=🙈 heart=❤️ orange_heart=🧡 yellow_heart=💛 green_heart=💚
blue_heart=💙 purple_heart=💜 broken_heart=💔 tada=🎉 confetti_ball=🎊 balloon=🎈 gift=🎁
birthday=🎂 cake=🍰 trophy=🏆 medal=🏅 star=⭐ star2=🌟 sparkles=✨ fire=🔥 boom=💥 zap=⚡ 100=💯
rocket=🚀 rainbow=🌈 sunny=☀️ snowflake=❄️ umbrella=☔ earth_africa=🌍 seedling=🌱 herb=🌿
four_leaf_clover=🍀 evergreen_tree=🌲 dog=🐶 cat=🐱 bug=🐛 bee=🐝 snail=🐌 turtle=🐢 unicorn_face=🦄
coffee=☕ tea=🍵 beer=🍺 beers=🍻 pizza=🍕 apple=🍎 cookie=🍪 popcorn=🍿 house=🏠 car=🚗 bike=🚲
airplane=✈️ white_check_mark=✅ heavy_check_mark=✔️ ballot_box_with_check=☑️ x=❌
heavy_plus_sign=➕ heavy_minus_sign=➖ question=❓ grey_question=❔ exclamation=❗ bangbang=‼️
warning=⚠️ no_entry=⛔ no_entry_sign=🚫 rotating_light=🚨 construction=🚧 red_circle=🔴
large_green_circle=🟢 large_yellow_circle=🟡 large_blue_circle=🔵 white_circle=⚪
black_circle=⚫ arrow_right=➡️ arrow_left=⬅️ arrow_up=⬆️ arrow_down=⬇️
arrows_counterclockwise=🔄 recycle=♻️ bulb=💡 bell=🔔 no_bell=🔕 mega=📣 loudspeaker=📢
speech_balloon=💬 thought_balloon=💭 memo=📝 pencil=📝 pencil2=✏️ book=📖 books=📚 bookmark=🔖
link=🔗 paperclip=📎 pushpin=📌 round_pushpin=📍 clipboard=📋 calendar=📆 date=📅 clock1=🕐
hourglass=⌛ alarm_clock=⏰ stopwatch=⏱️ chart_with_upwards_trend=📈
chart_with_downwards_trend=📉 bar_chart=📊 package=📦 email=✉️ inbox_tray=📥 outbox_tray=📤
phone=☎️ iphone=📱 computer=💻 floppy_disk=💾 wrench=🔧 hammer=🔨 hammer_and_wrench=🛠️ gear=⚙️
nut_and_bolt=🔩 mag=🔍 mag_right=🔎 key=🔑 lock=🔒 unlock=🔓 shield=🛡️ test_tube=🧪 microscope=🔬
art=🎨 musical_note=🎵 camera=📷 movie_camera=🎥 moneybag=💰 ticket=🎫 dart=🎯
"""
EMOJI: Mapping[str, str] = dict(each.split("=") for each in _NAMED.split())
