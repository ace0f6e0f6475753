"""Files are read with care and written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from neurocanvas import library
from neurocanvas.errors import FileError
from neurocanvas.formats import files, native
from neurocanvas.model.circuit import Circuit

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
needs_permissions = pytest.mark.skipif(ROOT, reason="root may write everything")
posix = pytest.mark.skipif(
    sys.platform == "win32", reason="permissions and links as POSIX has them"
)


@pytest.fixture
def circuit() -> Circuit:
    made = Circuit(library.registry())
    made.add("lif", label="A")
    return made


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file that is there already."""
    path = tmp_path / "demo.neuro"
    path.write_bytes(b"the old file")
    return path


def test_a_circuit_is_written_and_read(tmp_path, circuit):
    path = tmp_path / "demo.neuro"
    native.save(circuit, path)
    assert path.read_text("utf-8") == native.dumps(circuit)
    again, report = native.load(path, circuit.kinds)
    assert native.dumps(again) == native.dumps(circuit)
    assert report == ()
    assert os.listdir(tmp_path) == ["demo.neuro"]


# -- whole or not at all -------------------------------------------------------------------------


def full_disk(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


FAILING = ["os.fsync", "os.replace", "os.chmod", "os.stat", "builtins.open"]


@pytest.mark.parametrize("name", FAILING)
def test_the_old_file_survives_a_failure_at_any_point(old, circuit, monkeypatch, name):
    monkeypatch.setattr(name, full_disk)
    with pytest.raises(FileError, match=r"demo\.neuro: can't be written: no space left on device"):
        native.save(circuit, old)
    monkeypatch.undo()
    assert old.read_bytes() == b"the old file"
    assert os.listdir(old.parent) == ["demo.neuro"]


class Interrupted(BaseException):
    pass


@pytest.mark.parametrize("name", ["os.fsync", "os.replace"])
def test_the_old_file_survives_an_interruption(old, circuit, monkeypatch, name):
    def interrupt(*_args):
        raise Interrupted

    monkeypatch.setattr(name, interrupt)
    with pytest.raises(Interrupted):
        native.save(circuit, old)
    monkeypatch.undo()
    assert old.read_bytes() == b"the old file"
    assert os.listdir(old.parent) == ["demo.neuro"]


def test_an_error_while_writing_leaves_the_old_file(old):
    def half() -> None:
        with files.atomic_file(old) as file:
            file.write(b"half of")
            raise Interrupted

    with pytest.raises(Interrupted):
        half()
    assert old.read_bytes() == b"the old file"
    assert os.listdir(old.parent) == ["demo.neuro"]


def test_what_can_not_be_written_as_json_leaves_the_old_file(old, circuit):
    circuit.extras = {"x": object()}
    with pytest.raises(FileError, match="can't be written as JSON"):
        native.save(circuit, old)
    circuit.extras = {"x": float("nan")}
    with pytest.raises(FileError, match="can't be written as JSON"):
        native.save(circuit, old)
    circuit.extras = {"x": "\ud800"}
    with pytest.raises(FileError, match="can't be written as JSON"):
        native.save(circuit, old)
    assert old.read_bytes() == b"the old file"


def test_bytes_are_on_the_disk_before_they_take_the_name(old, circuit, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor):
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        order.append("folder" if folder else "file")
        fsync(descriptor)

    def noted_replace(source, target):
        assert Path(source).parent == Path(target).parent  # else it might be another disk
        assert Path(source).read_text("utf-8") == native.dumps(circuit)
        order.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    native.save(circuit, old)
    assert order == ["file", "replace", "folder"]


def test_a_folder_that_can_not_be_synced_is_no_failure(old, circuit, monkeypatch):
    fsync = os.fsync

    def only_files(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    native.save(circuit, old)
    assert old.read_text("utf-8") == native.dumps(circuit)


# -- what stands in the way, and what is kept ----------------------------------------------------


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_permissions_are_kept(old, circuit, mode):
    old.chmod(mode)
    native.save(circuit, old)
    assert stat.S_IMODE(old.stat().st_mode) == mode


@posix
def test_a_new_file_has_the_usual_permissions(tmp_path, circuit):
    mask = os.umask(0o027)
    try:
        native.save(circuit, tmp_path / "new.neuro")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new.neuro").stat().st_mode) == 0o640


@posix
def test_a_symbolic_link_is_followed(tmp_path, old, circuit):
    link = tmp_path / "elsewhere" / "link.neuro"
    link.parent.mkdir()
    link.symlink_to(old)
    native.save(circuit, link)
    assert link.is_symlink()
    assert old.read_text("utf-8") == native.dumps(circuit)
    assert os.listdir(link.parent) == ["link.neuro"]


@posix
def test_a_link_to_what_is_not_there_yet_makes_it(tmp_path, circuit):
    link = tmp_path / "link.neuro"
    link.symlink_to(tmp_path / "target.neuro")
    native.save(circuit, link)
    assert link.is_symlink()
    assert (tmp_path / "target.neuro").is_file()


@posix
def test_a_loop_of_links_is_refused_in_words(tmp_path, circuit):
    link = tmp_path / "loop.neuro"
    link.symlink_to(link)
    for attempt in (lambda: native.save(circuit, link), lambda: native.load(link, circuit.kinds)):
        with pytest.raises(FileError, match=r"loop\.neuro: can't be"):
            attempt()


def test_the_longest_name_is_possible_and_a_longer_one_is_refused(tmp_path, circuit):
    native.save(circuit, tmp_path / ("x" * 249 + ".neuro"))
    with pytest.raises(FileError, match="can't be written: file name too long"):
        native.save(circuit, tmp_path / ("x" * 250 + ".neuro"))
    assert len(os.listdir(tmp_path)) == 1


def test_paths_that_can_not_be_written_are_refused_in_words(tmp_path, old, circuit):
    for path, words in [
        (tmp_path, "this is a folder"),
        (tmp_path / "none" / "x.neuro", "there is no folder"),
        (old / "x.neuro", "there is no folder|not a directory"),
        (str(tmp_path / "a\x00b.neuro"), "null"),
    ]:
        with pytest.raises(FileError, match=f"can't be written: .*({words})") as caught:
            native.save(circuit, path)
        assert str(caught.value).isprintable()


@needs_permissions
def test_protected_files_and_folders_are_refused_in_words(old, circuit):
    old.chmod(0o400)
    with pytest.raises(FileError, match="the file is write-protected"):
        native.save(circuit, old)
    old.parent.chmod(0o500)
    try:
        with pytest.raises(FileError, match=r"the folder .* is protected"):
            native.save(circuit, old.parent / "new.neuro")
    finally:
        old.parent.chmod(0o700)


def test_the_system_says_what_is_protected(old, circuit, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not Path(path).is_file())
    with pytest.raises(FileError, match="the file is write-protected"):
        native.save(circuit, old)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).is_file())
    with pytest.raises(FileError, match=r"the folder .* is protected"):
        native.save(circuit, old)
    assert old.read_bytes() == b"the old file"


# -- reading -------------------------------------------------------------------------------------


def test_what_can_not_be_read_is_refused_in_words(tmp_path, kinds, monkeypatch):
    for path, words in [
        (tmp_path / "none.neuro", r"none\.neuro: can't be read: no such file"),
        (tmp_path, "this is a folder, not a file"),
        (str(tmp_path / "a\x00b"), "can't be read: .*null"),
        (tmp_path / ("x" * 300), "can't be read: file name too long"),
    ]:
        with pytest.raises(FileError, match=words) as caught:
            native.load(path, kinds)
        assert str(caught.value).isprintable()
    file = tmp_path / "closed.neuro"
    file.touch()

    def closed(*_args, **_kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("builtins.open", closed)
    with pytest.raises(FileError, match=r"closed\.neuro: can't be read: permission denied"):
        native.load(file, kinds)


@posix
@pytest.mark.timeout(20)
def test_a_pipe_that_nobody_fills_does_not_block(tmp_path, kinds):
    pipe = tmp_path / "pipe.neuro"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match="no ordinary file"):
        native.load(pipe, kinds)
    with pytest.raises(FileError, match="no ordinary file"):
        files.check_writable(pipe)


def test_one_line_stays_one_line():
    assert files.one_line("a\nb\x1b[31m\u2028") == "a\\nb\\x1b[31m\\u2028"
    assert len(files.one_line("x" * 10_000)) == 600
