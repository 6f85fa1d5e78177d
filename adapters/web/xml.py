"""XML for machines: texts without the characters that it cannot hold, and documents as answers."""

import re
from xml.etree import ElementTree as ET

from aiohttp import web

_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold


def xml_text(parent: ET.Element, name: str, text: str) -> None:
    """An element with text, without the characters that XML cannot hold."""
    ET.SubElement(parent, name).text = _UNFIT.sub("", text)


def xml_answer(root: ET.Element, kind: str) -> web.Response:
    """A document as an answer."""
    xml = ET.tostring(root, encoding="unicode", xml_declaration=False)
    return web.Response(text=f'<?xml version="1.0" encoding="utf-8"?>\n{xml}', content_type=kind, charset="utf-8")
