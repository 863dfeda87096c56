"""Films: the boxes of an MP4."""

from typing import IO

from kit.uploads.common import UploadRefused, refuse_trailing_archive

#: Films for playing; pictures (heic, avif) and films of other makes carry the same box.
MP4_BRANDS = frozenset(
    b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 dash mmp4 MSNV 3gp4 3gp5 3gp6".split()
) | {b"M4V ", b"M4VH", b"M4VP"}
_MAX_BOXES = 20_000
_LARGEST_FTYP = 256


def check_mp4(stream: IO[bytes], size: int) -> None:
    """Walk the top-level boxes: they must fill the file exactly and hold both index and pictures."""
    refuse_trailing_archive(stream, size)
    seen: list[bytes] = []
    at = 0
    while at < size:
        if len(seen) == _MAX_BOXES:
            raise UploadRefused("bomb")
        stream.seek(at)
        header = stream.read(16)
        length, name = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            raise UploadRefused("broken")
        if name == b"ftyp" and length > _LARGEST_FTYP:
            raise UploadRefused("disguised")
        seen.append(name)
        at += length
    if not {b"ftyp", b"moov", b"mdat"} <= set(seen):
        raise UploadRefused("broken")
