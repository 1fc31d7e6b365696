"""Pictures: pixels, files, differences, and golden ones."""

import io

import PIL.Image
import pytest

from wayfold.testing.goldens import Goldens
from wayfold.testing.image import Image, from_shm

RED, BLUE = b"\xff\x00\x00\xff", b"\x00\x00\xff\xff"


@pytest.fixture
def flag():
    """Red above blue, 3 by 2."""
    return Image(3, 2, RED * 3 + BLUE * 3)


@pytest.fixture
def goldens(tmp_path):
    return Goldens(tmp_path, tmp_path / "failures")


def test_a_pixel_is_at_its_place(flag):
    assert flag[2, 0] == (255, 0, 0, 255)
    assert flag[0, 1] == (0, 0, 255, 255)
    assert flag.colours == {(255, 0, 0, 255), (0, 0, 255, 255)}


@pytest.mark.parametrize("place", [(3, 0), (0, 2), (-1, 0)])
def test_outside_there_is_no_pixel(flag, place):
    with pytest.raises(IndexError, match=r"is outside 3x2 pixels"):
        _ = flag[place]


def test_a_file_that_others_read_holds_the_same(flag):
    read = PIL.Image.open(io.BytesIO(flag.png))

    assert (read.mode, read.size) == ("RGBA", (3, 2))
    assert read.tobytes() == flag.pixels


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_files_that_others_write_are_read(mode, tmp_path):
    pixels = bytes(range(256)) * 4
    drawn = PIL.Image.frombytes("RGBA", (16, 16), pixels).convert(mode)
    drawn.save(tmp_path / "drawn.png", optimize=True)  # with whatever filters are best

    assert Image.load(tmp_path / "drawn.png").pixels == drawn.convert("RGBA").tobytes()


def test_a_photograph_survives_every_filter(tmp_path):
    noise = bytes((x * y * 7 + x) % 256 for y in range(64) for x in range(64 * 3))
    drawn = PIL.Image.frombytes("RGB", (64, 64), noise)
    drawn.save(tmp_path / "noise.png")

    assert Image.load(tmp_path / "noise.png").pixels == drawn.convert("RGBA").tobytes()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"GIF89a" + data, "no PNG"),
        (lambda data: data[:40], "damaged"),
        (lambda data: data[:24] + b"\x10" + data[25:], "8 bits"),
        (lambda data: data[:19] + b"\x09" + data[20:], "are not 2 rows of 36"),
    ],
)
def test_what_cannot_be_read_is_refused(flag, tmp_path, change, reason):
    path = tmp_path / "bad.png"
    path.write_bytes(change(flag.png))
    with pytest.raises(ValueError, match=reason):
        Image.load(path)


def test_arrays_share_its_pixels(flag):
    view = memoryview(flag.view)

    assert view.shape == (2, 3, 4)
    assert view[1, 0, 2] == 255
    assert flag.__array_interface__["data"] is flag.pixels


def test_a_part_is_cut_out(flag):
    assert flag.crop(1, 1, 2, 1) == Image(2, 1, BLUE * 2)


@pytest.mark.parametrize("part", [(2, 0, 2, 1), (-1, 0, 1, 1), (0, 0, 0, 1)])
def test_a_part_must_be_inside(flag, part):
    with pytest.raises(ValueError, match=r"part of|inside"):
        flag.crop(*part)


def test_pixels_of_the_wrong_number_are_refused():
    with pytest.raises(ValueError, match="8 bytes are not 3x1 pixels"):
        Image(3, 1, bytes(8))


def test_a_buffer_is_taken_over_from_its_format_its_rows_and_its_direction():
    rows = b"\x01\x02\x03\x00pad!" + b"\x04\x05\x06\x00pad!"

    assert from_shm((1, 2), 8, 1, rows).pixels == b"\x03\x02\x01\xff\x06\x05\x04\xff"
    turned = from_shm((1, 2), 8, 0x34324258, rows, is_upside_down=True)
    assert turned.pixels == b"\x04\x05\x06\xff\x01\x02\x03\xff"


def test_an_unknown_format_is_named():
    with pytest.raises(ValueError, match="0x00000042"):
        from_shm((1, 1), 4, 0x42, bytes(4))


def test_a_difference_tells_how_many_how_far_and_where_first(flag):
    other = Image(3, 2, RED * 2 + b"\xf0\x00\x00\xff" + BLUE * 2 + b"\x00\x09\xff\xff")
    difference = flag.difference(other)

    assert (difference.count, difference.largest, difference.first) == (2, 15, (2, 0))
    assert difference.picture[2, 0] == (255, 0, 0, 255)
    assert difference.picture[0, 1] == (170, 170, 255, 255)
    assert flag.difference(other, tolerance=9).count == 1
    assert flag.difference(other, tolerance=15) is None


def test_equal_pictures_match(flag, goldens, tmp_path):
    flag.save(tmp_path / "flag.png")
    goldens.assert_matches(flag, "flag.png")

    assert not (tmp_path / "failures").exists()


def test_what_differs_is_told_and_left_to_look_at(flag, goldens, tmp_path):
    flag.save(tmp_path / "flag.png")
    other = Image(3, 2, RED * 3 + BLUE * 2 + RED)
    with pytest.raises(AssertionError, match=r"1 pixels \(allowed: 0\) differ .* at \(2, 1\)"):
        goldens.assert_matches(other, "flag.png")

    assert Image.load(tmp_path / "failures" / "flag.actual.png") == other
    assert Image.load(tmp_path / "failures" / "flag.diff.png")[2, 1] == (255, 0, 0, 255)
    goldens.assert_matches(other, "flag.png", allowed=1)


def test_another_size_is_told(flag, goldens, tmp_path):
    flag.save(tmp_path / "flag.png")
    with pytest.raises(AssertionError, match=r"is Image\(2x1\), but .*flag.png Image\(3x2\)"):
        goldens.assert_matches(flag.crop(0, 0, 2, 1), "flag.png")


def test_a_golden_that_is_not_there_says_how_it_is_made(flag, goldens, tmp_path):
    with pytest.raises(AssertionError, match="run again with --wayfold-update-goldens"):
        goldens.assert_matches(flag, "new/flag.png")
    Goldens(tmp_path, tmp_path, is_updating=True).assert_matches(flag, "new/flag.png")

    goldens.assert_matches(flag, "new/flag.png")
