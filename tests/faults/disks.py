"""Disks to break: a loop device with ext4 on it, and a small file system in memory. Both need root."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_TOOLS = ("losetup", "mkfs.ext4", "mount", "umount")
_MISSING = [tool for tool in _TOOLS if shutil.which(tool) is None]
_IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
needs_mounts = [
    pytest.mark.root,
    pytest.mark.skipif(
        not _IS_ROOT or bool(_MISSING),
        reason=f"needs root to mount a disk that can be broken; not found: {', '.join(_MISSING) or 'root'}",
    ),
]


def run(*command: object) -> str:
    """Run a command and return what it said; raises CalledProcessError with it."""
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Loop:
    """A file with ext4 on it, mounted at `at`."""

    def __init__(self, image: Path, at: Path) -> None:
        self.image, self.at = image, at
        at.mkdir(exist_ok=True)
        self._device = ""

    def format(self, megabytes: int = 32) -> None:
        """Make it an empty disk."""
        with self.image.open("wb") as file:
            file.truncate(megabytes * 2**20)
        run("mkfs.ext4", "-q", "-F", self.image)

    def mount(self) -> None:
        """Mount it, as it is after a power cut too: the file system's own log is played first."""
        self._device = run("losetup", "--show", "--find", self.image)
        run("mount", "-t", "ext4", self._device, self.at)

    def unmount(self) -> None:
        """Let go of it; a process that has just been killed may hold it a moment longer."""
        for left in range(50, -1, -1):
            try:
                run("umount", self.at)
                break
            except subprocess.CalledProcessError:
                if left == 0:
                    raise
                time.sleep(0.1)
        run("losetup", "--detach", self._device)

    def copy(self, name: str) -> Loop:
        """Return a copy of what has reached the disk so far, not mounted: the state after a power cut now."""
        image = self.image.with_name(f"{name}.img")
        run("cp", "--sparse=always", self.image, image)
        return Loop(image, self.at.with_name(name))


class Breakable(Loop):
    """A disk in memory that can be made to refuse every write from below, as one that fails does.

    Not by `mount -o remount,abort`: then ext4 answers an fdatasync with success although it has just thrown
    the transaction away (a program of one loop, append and fdatasync, lost what it was told is stored in 20
    of 200 tries, and SQLite in 28 of 200; on a disk that fails from below both lost nothing in 300). A test
    on it would blame the box for what the kernel does only when asked to.
    """

    def __init__(self, at: Path) -> None:
        self._take_new_memory()
        super().__init__(self.image, at)

    def fail(self) -> None:
        """Refuse every write from now on; what was written can be read."""
        fcntl.fcntl(self._memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)

    def replace(self) -> None:
        """Put all that is on it on a disk that can be written; not while it is mounted."""
        image, memory = self.image, self._memory
        self._take_new_memory()
        run("cp", image, self.image)
        os.close(memory)

    def close(self) -> None:
        """Give the memory back."""
        os.close(self._memory)

    def _take_new_memory(self) -> None:
        self._memory = os.memfd_create("disk", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        self.image = Path(f"/proc/{os.getpid()}/fd/{self._memory}")


@contextmanager
def breakable(folder: Path) -> Iterator[Breakable]:
    """Give a new disk that can be broken, mounted."""
    disk = Breakable(folder / "disk")
    try:
        disk.format()
        with mounted(disk):
            yield disk
    finally:
        disk.close()


@contextmanager
def loop(folder: Path, name: str = "disk") -> Iterator[Loop]:
    """Give a new disk, mounted."""
    disk = Loop(folder / f"{name}.img", folder / name)
    disk.format()
    with mounted(disk):
        yield disk


@contextmanager
def mounted(disk: Loop) -> Iterator[Path]:
    """Mount a disk and give its place."""
    disk.mount()
    try:
        yield disk.at
    finally:
        disk.unmount()


@contextmanager
def small(folder: Path, megabytes: int) -> Iterator[Path]:
    """Give a file system in memory with so much room."""
    place = folder / "small"
    place.mkdir()
    run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", place)
    try:
        yield place
    finally:
        run("umount", "--lazy", place)


def fill(place: Path) -> Path:
    """Fill a file system to the last byte; returns the file that does so."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (2**16, 2**12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return filler
