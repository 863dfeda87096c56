"""Pictures: looked at without decoding, then drawn anew."""

import io
import re
import zlib
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from kit.uploads.common import UploadRefused, refuse_markup, refuse_trailing_archive

MAX_PIXELS = 25_000_000
#: A progressive photograph has about ten. Each further one makes the decoder walk over all pixels again.
MAX_SCANS = 100

_MAX_SEGMENTS = 5_000
_CHUNK = 1 << 16
#: Inside a scan a marker byte is followed by zero, or by a restart that has no length.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.S)
_SCAN, _END = 0xDA, 0xD9


def _check_image(stream: IO[bytes], size: int) -> None:
    refuse_trailing_archive(stream, size)
    stream.seek(max(0, size - 4096))
    refuse_markup(stream.read())
    with _picture(stream) as picture:
        try:
            picture.verify()
        except (OSError, SyntaxError, ValueError, zlib.error):
            raise UploadRefused("broken") from None


def check_jpg(stream: IO[bytes], size: int) -> None:
    """Count the scans before anything is decoded: thousands of empty ones fit into a small file."""
    scans, at = 0, 2
    for _segment in range(_MAX_SEGMENTS):
        at = _next_marker(stream, at, size)
        stream.seek(at)
        head = stream.read(4)
        if len(head) < 4 or head[1] == _END:
            break
        scans += head[1] == _SCAN
        if scans > MAX_SCANS:
            raise UploadRefused("bomb")
        at += 2 + int.from_bytes(head[2:], "big")
    else:
        raise UploadRefused("bomb")
    _check_image(stream, size)


def _next_marker(stream: IO[bytes], at: int, size: int) -> int:
    """Where the next marker that says something begins; the end of the file if there is none."""
    length = 2
    while at < size:
        stream.seek(at)
        chunk = stream.read(length)
        if found := _MARKER.search(chunk):
            return at + found.start()
        # Mostly one segment follows upon the other; only behind a scan there is something to skip.
        at, length = at + max(len(chunk) - 1, 1), _CHUNK
    return size


def check_png(stream: IO[bytes], size: int) -> None:
    _check_image(stream, size)
    stream.seek(8)
    while len(header := stream.read(8)) == 8:
        stream.seek(int.from_bytes(header[:4], "big") + 4, io.SEEK_CUR)
        if header[4:] == b"IEND":
            if stream.tell() != size:
                raise UploadRefused("disguised")
            return
    raise UploadRefused("broken")


def _picture(source: IO[bytes] | Path) -> Image.Image:
    """The header only, opened by content; the pixels are counted before anyone decodes them."""
    if not isinstance(source, Path):
        source.seek(0)
    try:
        picture = Image.open(source, formats=["JPEG", "PNG"])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UploadRefused("too_many_pixels") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise UploadRefused("broken") from None
    if picture.width * picture.height > MAX_PIXELS:
        raise UploadRefused("too_many_pixels")
    return picture


def clean_image(source: str | Path | IO[bytes], target: str | Path, *, max_side: int | None = None) -> None:
    """Draw a JPEG or PNG anew without position, camera, comments or anything hidden behind it.

    The picture is turned upright first, since that wish is lost with the rest; ``max_side``
    shrinks it. Refuses with ``UploadRefused`` what cannot be decoded.
    """
    with _picture(Path(source) if isinstance(source, str) else source) as picture:
        kind = picture.format
        try:
            upright = ImageOps.exif_transpose(picture)
            mode = _plain_mode(upright, kind)
            plain = Image.new(mode, upright.size)
            plain.paste(upright.convert(mode))
        except (OSError, SyntaxError, ValueError, zlib.error):
            raise UploadRefused("broken") from None
    if max_side:
        plain.thumbnail((max_side, max_side))
    options = {"quality": 88} if kind == "JPEG" else {}
    plain.save(target, format=kind, **options)


def _plain_mode(picture: Image.Image, kind: str | None) -> str:
    if kind == "PNG" and ("A" in picture.mode or "transparency" in picture.info):
        return "RGBA"
    return "L" if picture.mode in ("1", "L") else "RGB"
