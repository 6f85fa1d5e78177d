import os
import zipfile
from pathlib import Path

import pytest

from adapters.archives import source
from adapters.archives.source import Source, open_source
from bot.errors import ImportProblem
from tests.adapters.archives.exports import as_folder, as_zip

FILES = {"a/one.json": [1], "two.json": {"b": 2}, "a/.hidden": 3, "__MACOSX/a": 4, ".git/config": 5}


def everything(opened: Source) -> dict[str, bytes]:
    return {entry.name: opened.read(entry) for entry in opened.entries}


def test_a_folder_and_a_zip_show_the_same(tmp_path: Path) -> None:
    files = {name: value for name, value in FILES.items() if not name.startswith("__")}
    folder = open_source(as_folder(tmp_path / "folder", files))
    packed = open_source(as_zip(tmp_path / "packed.zip", FILES))
    assert everything(folder) == everything(packed) == {"a/one.json": b"[1]", "two.json": b'{"b": 2}'}
    assert folder.taken == packed.taken == 11


def test_a_single_file_is_a_source_of_one(tmp_path: Path) -> None:
    as_folder(tmp_path, {"one.json": [1], "two.json": [2]})
    opened = open_source(tmp_path / "one.json")
    assert everything(opened) == {"one.json": b"[1]"}
    assert opened.label(opened.entries[0]) == str(tmp_path / "one.json")


def test_a_path_that_is_nothing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match=r"There is no file or folder .*nowhere\.$"):
        open_source(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name", ["../escape.json", "a/../../escape.json", "/etc/escape.json", "C:\\escape.json", "..\\x.json"]
)
def test_a_name_that_leads_out_of_a_zip_is_refused_by_name(tmp_path: Path, name: str) -> None:
    opened = open_source(as_zip(tmp_path / "x.zip", {name: [1], "good.json": [2]}))
    assert list(everything(opened)) == ["good.json"]
    assert len(opened.refused) == 1
    assert "leads out of the zip; not read." in opened.refused[0]


def test_a_link_that_leads_out_of_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("[]")
    folder = as_folder(tmp_path / "folder", {"good.json": [2]})
    (folder / "bad.json").symlink_to(tmp_path / "secret.json")
    opened = open_source(folder)
    assert list(everything(opened)) == ["good.json"]
    assert opened.refused == ("folder, bad.json leads out of the folder; not read.",)


def test_a_folder_that_is_not_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_folder(tmp_path / "elsewhere", {"one.json": [1]})
    folder = as_folder(tmp_path / "folder", {"good.json": [2], "locked/bad.json": [3]})
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    scan = os.scandir

    def refusing(path: str) -> "os._ScandirIterator[str]":
        if Path(path).name == "locked":  # whoever runs as root may read everything
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    opened = open_source(folder)
    assert list(everything(opened)) == ["good.json"]
    assert sorted(opened.refused) == [
        "folder, linked is a link to another folder; not read.",
        "folder, locked cannot be read: Permission denied.",
    ]


def test_a_zip_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    bomb = b"0" * (source.FREE_SIZE + 1)
    opened = open_source(as_zip(tmp_path / "x.zip", {"bomb.json": bomb, "good.json": [1]}))
    assert list(everything(opened)) == ["good.json"]
    assert "zip bomb" in opened.refused[0]
    assert opened.taken == 3


def test_a_file_too_large_to_be_read_whole_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_WHOLE", 2)
    opened = open_source(as_folder(tmp_path, {"big.json": [1, 2]}))
    with pytest.raises(ImportProblem, match=r"big\.json is larger than"):
        opened.read(opened.entries[0])


def test_a_damaged_member_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "x.zip", {"bad.json": b"[" + b"1234567890," * 50 + b"1]", "good.json": [1]})
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("bad.json")
    data = bytearray(path.read_bytes())
    at = info.header_offset + 30 + len("bad.json") + info.compress_size // 2
    data[at : at + 3] = b"\xff\xff\xff"
    path.write_bytes(bytes(data))
    opened = open_source(path)
    bad, good = opened.entries
    with pytest.raises(ImportProblem, match=r"^x\.zip, bad\.json cannot be read: .+\.$"):
        opened.read(bad)
    assert opened.read(good) == b"[1]"


def test_a_zip_cut_in_the_middle_is_one_sentence(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "x.zip", {"one.json": [1]})
    whole = path.read_bytes()
    end = whole.rindex(b"PK\x05\x06")
    path.write_bytes(whole[: end - 20] + whole[end:])
    with pytest.raises(ImportProblem, match="damaged zip file"):
        open_source(path)


def test_a_zip_that_ends_too_early_is_not_taken_for_something_else(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "x.zip", {"one.json": [1] * 999})
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ImportProblem, match=r"damaged zip file: its end is missing, so copy or download it again\.$"):
        open_source(path)


def test_an_encrypted_member_is_refused_by_name(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "x.zip", {"one.json": [1]})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))
    assert open_source(path).refused == ("x.zip, one.json is encrypted; not read.",)


def test_names_in_utf8_that_do_not_say_so_are_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("küche/2024-01-01.json", "[]")
    data = path.read_bytes().replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00")  # take the flag away
    path.write_bytes(data)
    assert [entry.name for entry in open_source(path).entries] == ["küche/2024-01-01.json"]


def test_a_fingerprint_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    one = open_source(as_zip(tmp_path / "1.zip", {"a.json": [1], "b.json": [2]})).fingerprint()
    same = open_source(as_zip(tmp_path / "2.zip", {"b.json": [2], "a.json": [1]})).fingerprint()
    other = open_source(as_zip(tmp_path / "3.zip", {"a.json": [1], "b.json": [3]})).fingerprint()
    assert one == same
    assert one != other
