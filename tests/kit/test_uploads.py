import contextlib
import hashlib
import io
import os
import struct
import time
import tracemalloc
import zipfile
import zlib

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from kit import uploads
from kit.uploads import Kind, UploadRefused

ALL = set(Kind)
MAX = 5_000_000


def refusal(content: bytes, **changes) -> str:
    options = {"allowed": ALL, "max_bytes": MAX, **changes}
    with pytest.raises(UploadRefused) as refused:
        uploads.inspect(io.BytesIO(content), **options)
    assert str(refused.value.message)
    return refused.value.code


def accepted(content: bytes, **changes) -> uploads.Inspected:
    return uploads.inspect(io.BytesIO(content), **{"allowed": ALL, "max_bytes": MAX, **changes})


def pdf_bytes(change=None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    if change:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def put_script(place, key: str) -> None:
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x()")}
    place[NameObject(key)] = DictionaryObject(script)


def image_bytes(kind="PNG", size=(8, 6), mode="RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(out, kind, **options)
    return out.getvalue()


def zip_bytes(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx_bytes(**parts: bytes) -> bytes:
    return zip_bytes(
        {
            "[Content_Types].xml": b"<Types/>",
            "word/document.xml": b"<document/>",
            **{name.replace("__", "/"): content for name, content in parts.items()},
        }
    )


def xlsx_bytes() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["项目", 1])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


MP4 = box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", b"x" * 20) + box(b"mdat", b"y" * 50)

GOOD = {
    Kind.PDF: pdf_bytes(),
    Kind.JPG: image_bytes("JPEG"),
    Kind.PNG: image_bytes("PNG"),
    Kind.DOCX: docx_bytes(),
    Kind.XLSX: xlsx_bytes(),
    Kind.MP4: MP4,
}


# What is taken


@pytest.mark.parametrize("kind", ALL)
def test_each_kind_is_recognised_by_its_content(kind):
    content = GOOD[kind]
    assert accepted(content) == uploads.Inspected(
        kind=kind,
        mime=uploads.MIME[kind],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def test_a_path_is_inspected_like_a_stream(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(GOOD[Kind.PDF])
    assert uploads.inspect(path, allowed=["pdf"], max_bytes=MAX).kind is Kind.PDF


def test_the_stream_is_left_at_its_beginning():
    stream = io.BytesIO(GOOD[Kind.PNG])
    uploads.inspect(stream, allowed=ALL, max_bytes=MAX)
    assert stream.tell() == 0


@pytest.mark.parametrize("name", ["承诺书.PDF", "a.b.pdf", ""])
def test_a_name_that_agrees_is_fine(name):
    assert accepted(GOOD[Kind.PDF], name=name).kind is Kind.PDF


def test_a_clickable_link_in_a_document_is_fine():
    rels = (
        b'<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument'
        b'/2006/relationships/hyperlink" Target="https://example.org/" TargetMode="External"/>'
        b"</Relationships>"
    )
    assert accepted(docx_bytes(word___rels__document_xml_rels=b"", **{"word/_rels/d.rels": rels}))


# What is not


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"hello", "unknown"),
        (b"GIF89a/*\x00*/=1;alert(1)", "unknown"),
        (b"<html><script>1</script></html>", "unknown"),
        (b"MZ\x90\x00" + b"\x00" * 100, "unknown"),
        (b'<?xml version="1.0"?><svg onload="x()"/>', "unknown"),
        (zip_bytes({"a.txt": b"a"}), "unknown"),
        (b"PK\x03\x04 not an archive", "broken"),
        (b"%PDF-1.7\nnothing", "broken"),
        (b"%PDF-1.7\n%%EOF", "broken"),
        (GOOD[Kind.PNG][:40], "broken"),
        (b"\xff\xd8\xff\xe0junk", "broken"),
        (MP4[:-10], "broken"),
        (box(b"ftyp", b"isom"), "broken"),
        (box(b"ftyp", b"isom") + b"\0\0\0\0", "broken"),
        (box(b"ftyp", b"isom") + b"\0\0\0\x02moov", "broken"),
    ],
)
def test_what_is_no_accepted_file_is_named(content, code):
    assert refusal(content) == code


#: What a file really is, whatever it is called.
OTHERS = {
    "html": b"<!doctype html><html><script>alert(1)</script></html>",
    "svg": b'<?xml version="1.0"?><svg onload="x()"/>',
    "gif": b"GIF89a/*\x00*/=1;alert(1)",
    "exe": b"MZ\x90\x00" + b"\x00" * 100,
    "zip": zip_bytes({"a.txt": b"a"}),
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
    "heic": box(b"ftyp", b"heic\0\0\0\0mif1heic") + MP4[20:],
    "mov": box(b"ftyp", b"qt  \0\0\0\0qt  ") + MP4[20:],
    "txt": "申报书".encode(),
}
SUFFIXES = ["pdf", "jpg", "JPEG", "png", "docx", "xlsx", "mp4", "html", "exe", "zip"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("real", [*(kind.value for kind in Kind), *OTHERS])
def test_only_a_true_name_on_a_true_file_gets_in(real, suffix):
    content = (GOOD | OTHERS)[real]
    if real in GOOD and {"JPEG": "jpg"}.get(suffix, suffix) == real:
        assert accepted(content, name=f"文件.{suffix}").kind == real
    else:
        assert refusal(content, name=f"文件.{suffix}") == ("mismatch" if real in GOOD else "unknown")


def test_a_large_file_is_refused_without_reading_on():
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, n=-1):
            self.read_bytes += n
            return b"x" * n

        def seek(self, *args):
            return 0

    stream = Endless()
    with pytest.raises(UploadRefused) as refused:
        uploads.inspect(stream, allowed=ALL, max_bytes=1_000_000)
    assert refused.value.code == "too_large"
    assert stream.read_bytes < 1_200_000


def test_a_kind_that_is_not_wanted_here_is_refused():
    assert refusal(GOOD[Kind.MP4], allowed={Kind.PDF}) == "not_allowed"


@pytest.mark.parametrize("name", ["a.docx", "a.exe", "a", "a.pdf.exe", "pdf"])
def test_a_name_that_says_something_else_is_refused(name):
    assert refusal(GOOD[Kind.PDF], name=name) == "mismatch"


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.JPG, Kind.PNG])
def test_an_archive_behind_a_file_is_found(kind):
    assert refusal(GOOD[kind] + zip_bytes({"evil.js": b"x"})) == "disguised"


def test_an_archive_inside_a_video_is_found():
    hidden = MP4 + box(b"free", zip_bytes({"evil.js": b"x"}))
    assert refusal(hidden) == "disguised"


def test_html_in_front_of_a_pdf_or_behind_a_picture_is_found():
    assert refusal(b"%PDF-1.7\n<script>alert(1)</script>" + GOOD[Kind.PDF][8:]) == "disguised"
    assert refusal(GOOD[Kind.JPG] + b"<script>alert(1)</script>") == "disguised"


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.PNG])
def test_anything_behind_the_end_is_found(kind):
    assert refusal(GOOD[kind] + b"more") == "disguised"


def test_an_encrypted_pdf_is_refused():
    assert refusal(pdf_bytes(lambda w: w.encrypt("secret", algorithm="RC4-128"))) == "encrypted"


@pytest.mark.parametrize(
    "change",
    [
        lambda writer: put_script(writer.root_object, "/OpenAction"),
        lambda writer: put_script(writer.root_object, "/AA"),
        lambda writer: put_script(writer.pages[0], "/AA"),
        lambda writer: writer.add_attachment("a.exe", b"MZ"),
    ],
)
def test_an_active_pdf_is_refused(change):
    assert refusal(pdf_bytes(change)) == "active"


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
LEAF = b"/Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]"


def raw_pdf(extra=b"", *more, catalogue=CATALOGUE) -> bytes:
    """A file of one page, object by object, as no library would write it."""
    objects = [
        catalogue,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<<" + LEAF + extra + b">>",
        *more,
    ]
    out, offsets = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, at = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + b"trailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, at)


def note(content: bytes) -> bytes:
    return b"/Annots[<</Type/Annot/Rect[0 0 9 9]" + content + b">>]"


def opening(content: bytes) -> bytes:
    return b"<</Type/Catalog/Pages 2 0 R/OpenAction " + content + b">>"


@pytest.mark.parametrize(
    "content",
    [
        raw_pdf(note(b"/Subtype/Link/A<</S/Launch/F(cmd.exe)>>")),
        raw_pdf(note(b"/Subtype/Link/A 4 0 R"), b"<</S/JavaScript/JS(app.alert(1))>>"),
        raw_pdf(note(b"/Subtype/Link/A<</S/SubmitForm/F(http://192.0.2.1/)>>")),
        raw_pdf(note(b"/Subtype/Link/A<</S/GoToR/F(other.pdf)/D[0/Fit]>>")),
        raw_pdf(note(b"/Subtype/Link/A<</S/GoToE/T<</R/C>>>>")),
        raw_pdf(note(b"/Subtype/Link/A<</S/URI/URI(http://192.0.2.1/)/Next[<</S/Launch/F(a)>>]>>")),
        raw_pdf(note(b"/Subtype/Screen/AA<</PV<</S/GoTo>>>>")),
        raw_pdf(note(b"/Subtype/FileAttachment/FS<</F(evil.exe)>>")),
        raw_pdf(note(b"/Subtype/Link/FS<</F(evil.exe)/EF<</F 4 0 R>>>>"), b"<<>>"),
        raw_pdf(note(b"/Subtype/RichMedia")),
        raw_pdf(b"/Resources<</Font 4 0 R>>" + note(b"/A 4 0 R"), b"<</JS(app.alert(1))>>"),
        raw_pdf(catalogue=opening(b"<</S/URI/URI(http://192.0.2.1/)>>")),
        raw_pdf(catalogue=opening(b"<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(http://192.0.2.1/)>>>>")),
        raw_pdf(b"", b"<</T(a)/FT/Tx/AA<<>>>>", catalogue=CATALOGUE[:-2] + b"/AcroForm<</Fields[4 0 R]>>>>"),
    ],
)
def test_an_action_anywhere_in_a_pdf_is_found(content):
    assert refusal(content) == "active"


@pytest.mark.parametrize(
    "content",
    [
        raw_pdf(),
        raw_pdf(note(b"/Subtype/Link/A<</S/URI/URI(https://example.org/)>>")),
        raw_pdf(b"/Resources<</Font<</AA 4 0 R/JS 4 0 R>>>>", b"<</Type/Font/Subtype/Type1>>"),
        raw_pdf(catalogue=opening(b"[3 0 R/Fit]")),
        raw_pdf(catalogue=opening(b"<</S/GoTo/D[3 0 R/Fit]>>")),
        raw_pdf(b"/B 99 0 R"),
    ],
)
def test_what_a_reader_clicks_or_a_font_is_called_is_fine(content):
    assert accepted(content).kind is Kind.PDF


def test_a_pdf_of_countless_objects_is_not_walked_to_its_end(monkeypatch):
    content = raw_pdf(b"/X[" + b"".join(b"%d 0 R " % n for n in range(4, 54)) + b"]", *[b"<<>>"] * 50)
    assert accepted(content).kind is Kind.PDF
    monkeypatch.setattr(uploads.pdf, "MAX_OBJECTS", 40)
    assert refusal(content) == "too_many_parts"


def test_a_pdf_that_is_read_over_and_over_is_given_up():
    """Each object with a wrong place has the library search the whole file."""
    count = 400
    content = raw_pdf(
        b"/X[" + b"".join(b"%d 0 R " % n for n in range(4, 4 + count)) + b"]",
        *[b"<<>>"] * count,
        b"<</Length 4000000>>stream\n" + b"x" * 4_000_000 + b"\nendstream",
    )
    head, _xref, table = content.rpartition(b"xref\n0")
    lines = table.split(b"\n")
    lines[6 : 5 + count] = [b"%010d 00000 n " % (2_000_000 + number) for number in range(count - 1)]
    assert refusal(head + b"xref\n0" + b"\n".join(lines)) == "too_many_parts"


def test_objects_packed_to_explode_are_refused(monkeypatch):
    packed = zlib.compress(b"5 0 <</Type/Catalog/Pages 2 0 R>>" + b" " * 2_000_000)
    stream = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
    out, offsets = b"%PDF-1.5\n", {}
    for number, content in {
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<<" + LEAF + b">>",
        4: stream % (len(packed), packed),
    }.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = [b"\0" * 8, b"\0" * 8, *(b"\1" + struct.pack(">IxBx", offsets[n], 0) for n in (2, 3, 4))]
    rows.append(b"\2" + struct.pack(">IxBx", 4, 0))
    rows.append(b"\1" + struct.pack(">IxBx", len(out), 0))
    table = b"".join(rows)
    out_at = len(out)
    out += b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 3]/Root 5 0 R/Length %d>>stream\n" % len(table)
    out += table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % out_at
    assert accepted(out).kind is Kind.PDF
    monkeypatch.setattr(uploads.pdf, "MAX_PACKED", 1_000_000)
    assert refusal(out) == "bomb"


def test_a_picture_of_countless_scans_is_refused_before_decoding():
    plain = image_bytes("JPEG", (640, 480), progressive=True)
    assert accepted(plain).kind is Kind.JPG
    start = plain.rindex(b"\xff\xda")
    scan = plain[start:-2]
    assert refusal(plain[:-2] + scan * 200 + plain[-2:]) == "bomb"
    # A comment may say what it likes, and so may what follows behind the end.
    comment = image_bytes("JPEG", comment=b"\xff\xda" * 300)
    assert accepted(comment + b"\xff\xda" * 300).kind is Kind.JPG


def test_a_picture_with_too_many_pixels_is_refused_before_decoding():
    bomb = image_bytes("PNG", (12_000, 12_000), "1")
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        assert refusal(bomb) == "too_many_pixels"
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert refusal(image_bytes("PNG", (5_001, 5_000), "1")) == "too_many_pixels"


def test_a_picture_with_a_wrong_checksum_is_refused():
    content = bytearray(GOOD[Kind.PNG])
    content[content.index(b"IDAT") + 6] ^= 0xFF
    assert refusal(bytes(content)) == "broken"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"word/vbaProject.bin": b"x"}, "active"),
        ({"word/inner.zip": b"x"}, "disguised"),
        ({"word/media/a.bin": zip_bytes({"b": b"x"})}, "disguised"),
        ({"word/embeddings/oleObject1.bin": b"x"}, "disguised"),
        ({"word/media/a.png": b"\xd0\xcf\x11\xe0" + b"\0" * 100}, "disguised"),
        ({"word/media/a.png": b"MZ\x90\0" + b"\0" * 100}, "disguised"),
        ({"word/_rels/a.rels": b"<Relationships"}, "broken"),
        ({"word/_rels/a.rels": b"<Relationships/>" + b" " * 1_000_001}, "bomb"),
        ({"../evil.xml": b"<a/>"}, "broken"),
        ({"/etc/passwd": b"x"}, "broken"),
        ({"WORD/document.xml": b"<a/>"}, "broken"),
        ({"word/a.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'}, "active"),
        ({"word/a.xml": '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")}, "active"),
        ({"word/a.xml": b" " * 65_530 + b"<!DOCTYPE a><a/>"}, "active"),
        (
            {
                "word/_rels/settings.xml.rels": b'<Relationship Id="r" Type="http://x/attachedTemplate"'
                b' Target="http://192.0.2.1/t.dotm" TargetMode="External"/>'
            },
            "active",
        ),
        ({"word/a.txt": b"\0" * 50_000_000}, "bomb"),
    ],
)
def test_an_office_document_with_a_trick_inside_is_refused(parts, code):
    assert accepted(docx_bytes()).kind is Kind.DOCX
    assert refusal(docx_bytes(**parts)) == code


TEMPLATE = (
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"'
    ' Target="http://192.0.2.1/t.dotm"'
)


@pytest.mark.parametrize(
    "relations",
    [
        f'<Relationships><Relationship Id="r" {TEMPLATE} TargetMode="External"/></Relationships>',
        f'<p:a xmlns:p="urn:x"><p:Relationship Id="r" {TEMPLATE} TargetMode="External"/></p:a>',
        f'<Relationships><Relationship Id="r" {TEMPLATE} TargetMode="&#69;xternal"/></Relationships>',
        f'<Relationships><Relationship Id="a>b" {TEMPLATE} TargetMode="External"/></Relationships>',
        f'<Relationships><Relationship Id="r" {TEMPLATE} TargetMode="external "/></Relationships>',
        f'<a xmlns:p="urn:x"><Relationship Id="r" {TEMPLATE} p:TargetMode="External"/></a>',
        f'<a><Relationship Id="&lt;Relationship Type=/hyperlink" {TEMPLATE} TargetMode="External"/></a>',
    ],
)
@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_no_way_of_writing_hides_what_loads_itself(relations, code):
    assert refusal(docx_bytes(**{"word/_rels/settings.xml.rels": relations.encode(code)})) == "active"


def test_too_many_members_are_refused():
    assert refusal(docx_bytes(**{f"word/{i}": b"" for i in range(uploads.MAX_MEMBERS)})) == "bomb"


def test_a_huge_directory_is_refused_before_it_is_read():
    content = docx_bytes(**{f"word/{i}.xml": b"" for i in range(65_000)})

    def look() -> float:
        began = time.process_time()
        assert refusal(content, max_bytes=50_000_000) == "bomb"
        return time.process_time() - began

    assert min(look() for _ in range(3)) < 0.05


def test_members_that_share_their_bytes_are_refused():
    content = bytearray(docx_bytes(**{"word/a.bin": os.urandom(500), "word/b.bin": os.urandom(500)}))
    first, second = (content.rindex(name) - 46 for name in (b"word/a.bin", b"word/b.bin"))
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    assert refusal(bytes(content)) in ("bomb", "broken")
    content[first + 42 : first + 46] = struct.pack("<I", 10)
    assert refusal(bytes(content)) == "bomb"


def test_a_film_of_countless_boxes_is_refused():
    content = box(b"ftyp", b"isom\0\0\0\0isom") + box(b"free") * 30_000 + MP4[20:]
    assert refusal(content) == "bomb"


def test_a_film_with_a_page_in_its_head_is_refused():
    page = b"<script>alert(1)</script>" * 20
    assert refusal(box(b"ftyp", b"isom\0\0\0\0" + page) + MP4[20:]) == "disguised"


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"avc1", b"M4V ", b"3gp5"])
def test_films_of_phones_and_cameras_are_taken(brand):
    assert accepted(box(b"ftyp", brand + b"\0\0\0\0isom") + MP4[20:]).kind is Kind.MP4


@pytest.mark.parametrize("size", [8, 16])
def test_a_film_with_a_long_last_box_is_taken(size):
    """Cameras write the length as 64 bits, or leave it open."""
    head = box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", b"x" * 20)
    long = struct.pack(">I4sQ", 1, b"mdat", 16 + 50) if size == 16 else struct.pack(">I4s", 0, b"mdat")
    assert accepted(head + long + b"y" * 50).kind is Kind.MP4


def test_a_film_is_not_read_into_memory():
    size = 60_000_000
    content = io.BytesIO(MP4[:-58] + struct.pack(">I", size) + b"mdat" + bytes(size - 8))
    tracemalloc.start()
    try:
        assert uploads.inspect(content, allowed=ALL, max_bytes=size * 2).kind is Kind.MP4
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_directory_that_lies_about_a_bomb_does_not_help():
    content = bytearray(docx_bytes(**{"word/a.txt": b"\0" * 50_000_000}))
    size = struct.pack("<I", 50_000_000)
    at = content.index(b"word/a.txt", content.rindex(b"word/a.txt") - 5) - 46 + 24
    assert bytes(content[at : at + 4]) == size
    content[at : at + 4] = struct.pack("<I", 10)
    assert refusal(bytes(content)) == "broken"


def test_something_in_front_of_an_office_document_is_refused():
    assert refusal(b"PK\x03\x04" + b"\0" * 30 + GOOD[Kind.DOCX]) in ("disguised", "broken")


def test_an_encrypted_member_is_refused():
    content = bytearray(docx_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusal(bytes(content)) == "encrypted"


@given(st.sampled_from(list(Kind)), st.binary(max_size=200), st.integers(0, 300))
def test_no_damage_raises_anything_but_a_refusal(kind, noise, at):
    content = GOOD[kind][:at] + noise + GOOD[kind][at + len(noise) :]
    with contextlib.suppress(UploadRefused):
        assert accepted(content).size == len(content)


# Cleaning pictures


def test_clean_image_loses_position_comments_and_what_is_behind(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    content = image_bytes("JPEG", (8, 6), exif=exif, comment=b"secret")
    source.write_bytes(content + b"<script>tail</script>")
    uploads.clean_image(source, target)
    with Image.open(target) as cleaned:
        assert cleaned.size == (6, 8)
        assert not cleaned.getexif()
    assert b"secret" not in target.read_bytes()
    assert b"script" not in target.read_bytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_clean_image_takes_every_kind_of_png(tmp_path, mode):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    source.write_bytes(image_bytes("PNG", mode=mode))
    uploads.clean_image(source, target)
    with Image.open(target) as cleaned:
        cleaned.load()
        assert (cleaned.format, cleaned.size) == ("PNG", (8, 6))


def test_clean_image_shrinks_and_turns_print_colours(tmp_path):
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(image_bytes("JPEG", (400, 200), "CMYK"))
    uploads.clean_image(source, target, max_side=100)
    with Image.open(target) as cleaned:
        assert (cleaned.mode, cleaned.size) == ("RGB", (100, 50))


def test_clean_image_refuses_half_a_picture(tmp_path):
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    noise = Image.frombytes("RGB", (64, 64), os.urandom(64 * 64 * 3))
    noise.save(source)
    source.write_bytes(source.read_bytes()[:3000])
    with pytest.raises(UploadRefused) as refused:
        uploads.clean_image(source, target)
    assert refused.value.code == "broken"
    assert not target.exists()


# Names


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("承诺书（盖章）.pdf", "承诺书（盖章）.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.docx", "a.docx"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00b\r\n.pdf", "ab_.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("...", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ('a"b;c.pdf', "a_b_c.pdf"),
        ("a.p d f", "a.pdf"),
    ],
)
def test_safe_filename(name, safe):
    assert uploads.safe_filename(name) == safe


@given(st.text(max_size=400))
def test_safe_filename_is_always_usable(name):
    safe = uploads.safe_filename(name)
    assert safe
    assert len(safe.encode()) <= 240
    assert not set(safe) & set('/\\<>:"|?*;\0\n')
    assert safe not in (".", "..")


def test_content_disposition_names_the_file_in_both_ways():
    assert uploads.content_disposition("a.pdf") == 'attachment; filename="a.pdf"'
    assert uploads.content_disposition("报告.pdf") == ("attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.pdf")
    assert uploads.content_disposition("a.pdf", inline=True).startswith("inline")


@given(st.text(max_size=100))
def test_content_disposition_never_breaks_the_header(name):
    header = uploads.content_disposition(name)
    header.encode("ascii")
    assert not set(header) & set("\r\n\0")
