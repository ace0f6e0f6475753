"""Numbers out of pasted text and out of tables of other programs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocanvas.errors import FileError
from neurocanvas.formats.columns import column_values, parse_table, read_text

LISTS = [
    ("1\n2\n3\n", (1, 2, 3)),
    ("1, 2, 3", (1, 2, 3)),
    ("1 2 3\n4 5", (1, 2, 3, 4, 5)),
    ("1,2,\n3,", (1, 2, 3)),
    ("10 ms 0.02 s\n30", (10, 20, 30)),
    ("# spikes of cell 3\n\n1.5e1\n  -2 \n", (15, -2)),
    ("times\n1\n2\n", (1, 2)),
    ("1,5;2,5;3", (1.5, 2.5, 3)),
    ('"1"\n"2"', (1, 2)),
    ("1\r\n2\r\n", (1, 2)),
    ("\u22125\t3", (-5, 3)),
    ("7", (7,)),
]


@pytest.mark.parametrize(("text", "values"), LISTS)
def test_a_list_is_read_however_it_is_written(text, values):
    assert column_values(parse_table(text, 1), 0, "ms") == values


TABLES = [
    ("time_ms,I\n0,1\n1,2\n", ("time_ms", "I"), ["ms", ""]),
    ("t (s);current [nA]\n0,5;1\n1,5;2\n", ("t (s)", "current [nA]"), ["s", "nA"]),
    ("a\tb\n0\t1\n", ("a", "b"), ["", ""]),
    ("0 1\n1 2\n2 3\n", ("1", "2"), ["", ""]),
    ('"time","I_pA"\n0,1\n', ("time", "I_pA"), ["", "pA"]),
]


@pytest.mark.parametrize(("text", "header", "units"), TABLES)
def test_columns_have_names_and_units(text, header, units):
    table = parse_table(text, 2)
    assert table.header == header
    assert [table.unit(k) for k in range(2)] == units


def test_columns_are_chosen_and_brought_into_their_unit():
    table = parse_table("node,index,time_s\nA,0,0.0105\nA,1,0.25\n", 1)
    assert column_values(table, 2, "ms", "s") == pytest.approx((10.5, 250.0), rel=1e-12)
    with pytest.raises(FileError, match=r"line 2: .A. is no number"):
        column_values(table, 0, "ms")


WRONG = [
    ("", 1, "there is nothing to read"),
    ("# only words\n", 1, "there is nothing to read"),
    ("1\n2\n", 2, "there is 1 column, but 2 are needed"),
    ("1 2\n3\n", 2, "line 2: 1 value, but there are 2 columns"),
    ("a,b\n1,2\n3,4,5\n", 2, "line 3: 3 values, but there are 2 columns"),
    ("1\nx\n", 1, "line 2: 'x' is no number"),
    ("1\nnan\n", 1, 'line 2: "nan" is no number'),
    ("1\n1e999\n", 1, 'line 2: "1e999" is no number'),
    ("1\n3 mV\n", 1, "line 2: '3 mV' is not in ms"),
    ("a;b\n1;\n 2;3", 2, "line 2: 1 value, but there are 2 columns"),
]


@pytest.mark.parametrize(("text", "wanted", "words"), WRONG)
def test_what_can_not_be_read_is_refused_with_its_line(text, wanted, words):
    with pytest.raises(FileError) as caught:
        column_values(parse_table(text, wanted), 0, "ms")
    assert words in str(caught.value)


@given(st.text(max_size=80), st.integers(1, 2))
def test_any_text_is_numbers_or_refused_in_words(text, wanted):
    try:
        table = parse_table(text, wanted)
        values = [column_values(table, k, "ms") for k in range(wanted)]
    except FileError:
        return
    assert len({len(column) for column in values}) == 1


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_back_to_the_last_bit(numbers):
    for joined in (", ".join(map(repr, numbers)), "\n".join(map(repr, numbers))):
        assert column_values(parse_table(joined, 1), 0, "ms") == tuple(numbers)


def test_files_of_other_programs(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes("\ufefft;\u00b5A\n1;2\n".encode())
    assert parse_table(read_text(path), 2).header == ("t", "\u00b5A")
    path.write_bytes("t;\u00b5A\n1;2\n".encode("latin-1"))
    assert parse_table(read_text(path), 2).header == ("t", "\u00b5A")
    path.write_bytes(bytes(100))
    with pytest.raises(FileError, match="this is no text"):
        read_text(path)
    with pytest.raises(FileError, match="can't be read"):
        read_text(tmp_path / "missing.csv")


def test_a_long_recording_is_read_in_seconds():
    text = "\n".join(f"{k / 10},{k % 700}" for k in range(200_000))
    start = time.perf_counter()
    table = parse_table(text, 2)
    values = column_values(table, 1, "pA")
    assert time.perf_counter() - start < 5.0
    assert values[199_999] == 199_999 % 700
