"""A folder, a single file or a zip, seen as one thing: names, sizes, and members that are read when asked for.

Nothing is ever unpacked to disk, so a name in a zip cannot lead anywhere; what tries to is refused all the same,
because it shows that the file is no export. Sizes are bounded before a byte is read.
"""

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from bot.errors import ImportProblem
from bot.markup import clean

MAX_WHOLE = 256 * 2**20  # bytes of a file that is read as a whole
MAX_MEMBER = 16 * 2**30  # bytes of a file that is read in pieces
MAX_RATIO = 400  # JSON of chats packs about 10 to 50 times
FREE_SIZE = 16 * 2**20  # below this a ratio proves nothing
MAX_FILES = 1_000_000
ENCRYPTED = 0x1
UTF8_NAME = 0x800
ZIP_BEGINS = b"PK\x03\x04"
DRIVE = re.compile(r"[A-Za-z]:/")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the source: its path from the root with slashes, its size in bytes, what its content is known by."""

    name: str
    size: int
    stamp: str

    @property
    def path(self) -> PurePosixPath:
        """The path in parts."""
        return PurePosixPath(self.name)


class _Counted:
    """A stream that tells its source how much was read."""

    def __init__(self, stream: IO[bytes], source: "Source") -> None:
        self._stream = stream
        self._source = source

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._source.taken += len(data)
        return data


class Source:
    """What an import reads from.

    `refused` has a sentence for each member that must not be read; `taken` counts the bytes read so far.
    """

    def __init__(
        self, path: Path, entries: list[Entry], opener: Callable[[str], IO[bytes]], refused: list[str], archive: object
    ) -> None:
        self.path = path
        self.entries = tuple(sorted(entries, key=lambda entry: entry.name))
        self.refused = tuple(refused)
        self._by_name = {entry.name: entry for entry in entries}
        self._opener = opener
        self._archive = archive
        self.taken = 0

    @property
    def name(self) -> str:
        """What the operator calls it: the last part of its path without ".zip" or ".json"."""
        return self.path.resolve().stem if self.path.is_file() else self.path.resolve().name

    def find(self, name: str) -> Entry | None:
        """The entry with this path."""
        return self._by_name.get(name)

    def label(self, entry: Entry) -> str:
        """How a sentence names the entry: "export.zip, general/2024-01-02.json"."""
        if self.path.is_file() and not isinstance(self._archive, zipfile.ZipFile):
            return clean(str(self.path))
        return clean(f"{self.path.name}, {entry.name}")

    @contextmanager
    def open(self, entry: Entry) -> Iterator[_Counted]:
        """Open a member. ImportProblem names it if it cannot be read, also for damage found while reading."""
        try:
            with self._opener(entry.name) as stream:
                yield _Counted(stream, self)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise ImportProblem(f"{self.label(entry)} cannot be read: {_why(error)}.") from None

    def read(self, entry: Entry) -> bytes:
        """All bytes of a member of bounded size."""
        if entry.size > MAX_WHOLE:
            raise ImportProblem(f"{self.label(entry)} is larger than {MAX_WHOLE // 2**20} MB and was not read.")
        with self.open(entry) as stream:
            return stream.read(MAX_WHOLE + 1)

    def fingerprint(self) -> str:
        """The same for the same members with the same content stamps, 32 hex digits."""
        digest = hashlib.blake2b(digest_size=16)
        for entry in self.entries:
            digest.update(f"{entry.name}\0{entry.size}\0{entry.stamp}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def close(self) -> None:
        """Let the files go."""
        if isinstance(self._archive, zipfile.ZipFile):
            self._archive.close()


def open_source(path: Path) -> Source:
    """Open what an operator named. ImportProblem in one sentence if there is nothing readable."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise ImportProblem(f"There is no file or folder {path}.")
    try:
        if zipfile.is_zipfile(path):
            return _zip(path)
        cut = _begins_as_zip(path)
    except zipfile.BadZipFile as error:
        raise ImportProblem(f"{path} is a damaged zip file: {_why(error)}.") from None
    except OSError as error:
        raise ImportProblem(f"{path} cannot be read: {_why(error)}.") from None
    if cut:
        raise ImportProblem(f"{path} is a damaged zip file: its end is missing, so copy or download it again.")
    return Source(path, [_entry_of(path, path.parent)], lambda name: (path.parent / name).open("rb"), [], None)


def _begins_as_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(ZIP_BEGINS)) == ZIP_BEGINS


def _folder(root: Path) -> Source:
    entries: list[Entry] = []
    refused: list[str] = []
    inside = root.resolve()
    for folder, folders, files in os.walk(root, onerror=lambda error: refused.append(_closed(root, error))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for linked in (path for name in folders if (path := Path(folder) / name).is_symlink()):
            refused.append(f"{_within(root, linked)} is a link to another folder; not read.")
        for file in sorted(name for name in files if not name.startswith(".")):
            path = Path(folder) / file
            if not path.resolve().is_relative_to(inside):
                refused.append(f"{_within(root, path)} leads out of the folder; not read.")
            elif path.is_file():
                entries.append(_entry_of(path, root))
    return Source(root, entries, lambda name: (root / name).open("rb"), refused, None)


def _within(root: Path, path: Path) -> str:
    return f"{root.name}, {path.relative_to(root).as_posix()}"


def _closed(root: Path, error: OSError) -> str:
    return f"{_within(root, Path(error.filename))} cannot be read: {_why(error)}."


def _entry_of(path: Path, root: Path) -> Entry:
    stat = path.stat()
    return Entry(path.relative_to(root).as_posix(), stat.st_size, str(stat.st_mtime_ns))


def _zip(path: Path) -> Source:
    archive = zipfile.ZipFile(path)
    entries: list[Entry] = []
    refused: list[str] = []
    infos = {_name_of(info): info for info in archive.infolist() if not info.is_dir()}
    if len(infos) > MAX_FILES:
        archive.close()
        raise ImportProblem(f"{path} holds more than {MAX_FILES:,} files; this is no export.")
    for name, info in infos.items():
        parts = PurePosixPath(name).parts
        if any(part.startswith(".") and part != ".." for part in parts) or "__MACOSX" in parts:
            continue
        if reason := _objection(name, info):
            refused.append(f"{path.name}, {name} {reason}; not read.")
        else:
            entries.append(Entry(name, info.file_size, f"{info.CRC:08x}"))
    return Source(path, entries, lambda name: archive.open(infos[name]), refused, archive)


def _name_of(info: zipfile.ZipInfo) -> str:
    """The member's name with slashes; names that are UTF-8 without saying so are read as such."""
    name = info.filename.replace("\\", "/")
    if info.flag_bits & UTF8_NAME:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _objection(name: str, info: zipfile.ZipInfo) -> str:
    """Why a member must not be read, or ""."""
    if name.startswith("/") or ".." in PurePosixPath(name).parts or DRIVE.match(name):
        return "has a path that leads out of the zip"
    if info.flag_bits & ENCRYPTED:
        return "is encrypted"
    if info.file_size > MAX_MEMBER:
        return f"is larger than {MAX_MEMBER // 2**30} GB"
    if info.file_size > FREE_SIZE and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return "unpacks to far more than an export would (a zip bomb)"
    return ""


def _why(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason.rstrip(".") or type(error).__name__
