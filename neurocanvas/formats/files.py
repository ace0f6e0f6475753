"""Reading and writing files so that nothing is ever lost or half written."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from neurocanvas.errors import FileError

MAX_BYTES = 64 * 2**20
"""A circuit file of this size holds about a million nodes; what is larger is something else."""

Tell = Callable[[str, float, float], None]
"""Told (what is read or written, how much of it, of how much); may raise to end it."""

_MAX_MESSAGE = 600


def file_error(path: object, reason: str) -> FileError:
    """Return an error of one line that names the file, whatever characters the reason holds."""
    return FileError(one_line(f"{path}: {reason}"))


def one_line(text: str) -> str:
    """Return text fit for one line of a message: control characters escaped, not too long."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 1] + "\u2026"


def reason_of(error: OSError | ValueError) -> str:
    """Say in words why the system refused a file."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Read a whole file of at most ``MAX_BYTES``.

    Raises:
        FileError: It is missing, unreadable, too large or no file.
    """
    try:
        # A pipe or a device could block or never end, so it is asked about before it is opened.
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise file_error(path, "this is a folder, not a file")
        if not stat.S_ISREG(mode):
            raise file_error(path, "this is no ordinary file")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise file_error(path, f"can't be read: {reason_of(error)}") from None
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 2**20
        raise file_error(path, f"this is larger than {limit} MB, so it is no circuit file")
    return data


def check_writable(path: str | os.PathLike[str]) -> None:
    """Refuse a path that ``atomic_file`` could not write, before the work is done.

    Raises:
        FileError: The folder is missing or closed, or the file is a folder or write-protected.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise file_error(path, "can't be written: this is a folder")
        if not target.parent.is_dir():
            raise file_error(path, f"can't be written: there is no folder {target.parent}")
        if target.exists() and not target.is_file():
            raise file_error(path, "can't be written: this is no ordinary file")
        if target.exists() and not os.access(target, os.W_OK):
            raise file_error(path, "can't be written: the file is write-protected")
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise file_error(path, f"can't be written: the folder {target.parent} is protected")
    except (OSError, ValueError) as error:
        raise file_error(path, f"can't be written: {reason_of(error)}") from None


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when it is complete and on the disk.

    It is written beside the target and moved over it at the end; if anything fails before, the
    target stays as it was. A symbolic link is followed, permissions of an old file are kept.

    Raises:
        FileError: It can't be written.
    """
    check_writable(path)
    target = os.path.realpath(path)
    # A short name of its own, so that a long name of the target stays possible.
    temporary = os.path.join(os.path.dirname(target), f".{secrets.token_hex(6)}.tmp")
    try:
        with open(temporary, "xb") as file:
            yield file
            _finish(file, target)
        os.replace(temporary, target)
    except (OSError, ValueError) as error:
        _discard(temporary)
        raise file_error(path, f"can't be written: {reason_of(error)}") from None
    except BaseException:
        _discard(temporary)
        raise
    _sync_folder(os.path.dirname(target))


def _finish(file: BinaryIO, target: str) -> None:
    """Bring all bytes to the disk and give the file the permissions of the one it replaces."""
    file.flush()
    with contextlib.suppress(FileNotFoundError):
        os.chmod(file.name, stat.S_IMODE(os.stat(target).st_mode))
    os.fsync(file.fileno())


def _discard(temporary: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(temporary)


def _sync_folder(folder: str) -> None:
    """Bring the new name to the disk; where a folder can't be synced, it is not needed either."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
