"""Disks that can be filled while a process uses them."""

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

BLOCK = 4096  # so few bytes that the disk counts as full


class Disk(Protocol):
    """Where a database is that a process writes."""

    @property
    def url(self) -> str: ...
    def fill(self, process: int) -> None: ...
    def free(self) -> None: ...


@dataclass
class Quota:
    """A disk on which a process may have no file beyond a few kilobytes; it needs no rights to be made."""

    url: str
    process: int = 0

    def fill(self, process: int) -> None:
        self.process = process
        resource.prlimit(process, resource.RLIMIT_FSIZE, (BLOCK, resource.RLIM_INFINITY))

    def free(self) -> None:
        resource.prlimit(self.process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@dataclass
class Mounted:
    """A small disk of its own, which a file can fill."""

    folder: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/folkmoot.db"

    def fill(self, process: int = 0) -> None:
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            for size in (65_536, 512, 1):
                try:
                    while ballast.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue
        assert shutil.disk_usage(self.folder).free < BLOCK

    def free(self) -> None:
        (self.folder / "ballast").unlink()


@contextmanager
def a_small_disk(folder: Path, megabytes: int = 24) -> Iterator[Mounted]:
    """A disk in memory; the test is skipped where we may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    try:
        yield Mounted(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
