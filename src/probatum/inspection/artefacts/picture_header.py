"""What a picture says of itself before anything of it is decoded: format, size, depth, orientation, and whether it is whole.

A decoder reserves room for as many pixels as a header promises, and reads on past damage with grey where the picture should be.
So both are looked at first, in the bytes. The layouts are those of PNG (ISO/IEC 15948), JPEG (ITU-T T.81, annex B), TIFF 6.0,
Exif 2.3 (4.6), GIF89a, WebP (RFC 9649) and of Windows bitmaps.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import TypeAlias

from probatum.inspection.artefacts.unusable import Kind, Unusable
from probatum.records import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_SCANS = 100  # of a progressive JPEG: each goes over all pixels again
_MOST_CHUNKS = 100_000
_CHANNELS_OF_PNG = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
_UPRIGHT = 1
_scan_end = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # a marker that is neither stuffing nor a restart
_other = {  # what people also have, by how it begins
    b"\x76\x2f\x31\x01": "OpenEXR",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
    b"%PDF": "PDF",
    b"8BPS": "Photoshop",
    b"\x93NUMPY": "NumPy",
    b"PK\x03\x04": "zip",
    b"II+\x00": "BigTIFF",
    b"MM\x00+": "BigTIFF",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a picture promises.

    Attributes
    ----------
    format : str
        `png`, `jpeg`, `tiff`, `webp`, `gif` or `bmp`.
    width, height : int
        Pixels as stored, before its orientation is applied.
    channels : int
        As stored; 4 may be inks.
    bits : int
        Of one channel of one pixel.
    orientation : int
        1 to 8, as Exif numbers them; 1 is upright.
    inks : bool
        Its colours are inks, not light.
    inks_inverted : bool or None
        Whether no ink is 255, as Adobe writes; None if it does not say.
    """

    format: str
    width: int
    height: int
    channels: int
    bits: int
    orientation: int = _UPRIGHT
    inks: bool = False
    inks_inverted: bool | None = None


class _Fault(Exception):
    """What is wrong, on its way out."""

    def __init__(self, kind: Kind, why: str, advice: str = "") -> None:
        super().__init__(why)
        self.outcome = Unusable(kind, why, advice)


def header(raw: bytes) -> Header | Unusable:
    """Return what a picture promises, or why it cannot be used.

    Every byte that belongs to its frame is there, and where the format has check sums they are right; that its pixels can be
    decoded is not said.
    """
    if not raw:
        return Unusable("empty", "the file has no bytes")
    try:
        found = _read(raw)
    except _Fault as fault:
        return fault.outcome
    except (struct.error, IndexError):
        return Unusable("truncated", "the file ends in its header")
    if found.width < 1 or found.height < 1:
        return Unusable("damaged", f"a size of {found.width} x {found.height} pixels is none")
    return found


def _read(raw: bytes) -> Header:
    if raw.startswith(_PNG):
        return _png(raw)
    if raw.startswith(b"\xff\xd8\xff"):
        return _jpeg(raw)
    if raw[:4] in (b"II*\x00", b"MM\x00*"):
        return _tiff(raw)
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return _webp(raw)
    if raw[:6] in (b"GIF87a", b"GIF89a"):
        return _gif(raw)
    if raw[:2] == b"BM":
        return _bmp(raw)
    known = next((name for start, name in _other.items() if raw.startswith(start)), "")
    if not known and raw[4:12] in (b"ftypavif", b"ftypheic", b"ftypmif1"):
        known = "AVIF or HEIC"
    if known:
        raise _Fault("unsupported", f"{known} is not read as a picture", "convert it to PNG or JPEG")
    raise _Fault("not-a-picture", "the file does not begin as any picture does")


def _png(raw: bytes) -> Header:
    width, height, bits, colours = struct.unpack_from(">IIBB", raw, 16)
    if raw[12:16] != b"IHDR" or colours not in _CHANNELS_OF_PNG:
        raise _Fault("damaged", "the header of the PNG is none")
    orientation, whole = _UPRIGHT, False
    for name, body in _png_chunks(raw):
        if name == b"acTL":
            raise _Fault("several", "the PNG is an animation", "save the frame that is meant")
        if name == b"eXIf":
            orientation = _orientation(bytes(body))
        whole = whole or name == b"IEND"
    if not whole:
        raise _Fault("truncated", "the PNG has no end")
    return Header(
        format="png", width=width, height=height, channels=_CHANNELS_OF_PNG[colours], bits=bits, orientation=orientation
    )


def _png_chunks(raw: bytes) -> Iterator[tuple[bytes, memoryview]]:
    at, view = 8, memoryview(raw)
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(raw):
            return
        [length] = struct.unpack_from(">I", raw, at)
        if at + 12 + length > len(raw):
            raise _Fault("truncated", "the PNG ends within a chunk")
        [expected] = struct.unpack_from(">I", raw, at + 8 + length)
        if zlib.crc32(view[at + 4 : at + 8 + length]) != expected:
            raise _Fault("damaged", "the check sum of a chunk of the PNG is wrong")
        name = raw[at + 4 : at + 8]
        yield name, view[at + 8 : at + 8 + length]
        if name == b"IEND":
            return
        at += 12 + length
    raise _Fault("too-large", f"the PNG has more than {_MOST_CHUNKS} chunks")


def _jpeg(raw: bytes) -> Header:
    at, scans, orientation = 2, 0, _UPRIGHT
    inverted: bool | None = None
    frame: tuple[int, int, int, int] | None = None
    while True:
        marker, at = _jpeg_marker(raw, at)
        if marker == 0xD9:  # the end; what stands after it belongs to others, as pictures for previews do
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        [length] = struct.unpack_from(">H", raw, at)
        body = raw[at + 2 : at + length]
        if length < 2 or at + length > len(raw):
            raise _Fault("truncated", "the JPEG ends within a segment")
        at += length
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if frame is not None:
                raise _Fault("several", "the JPEG has more than one frame")
            frame = struct.unpack_from(">BHHB", body)
        elif marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            orientation = _orientation(body[6:])
        elif marker == 0xEE and body.startswith(b"Adobe"):
            inverted = True
        elif marker == 0xDA:
            scans += 1
            end = _scan_end.search(raw, at)
            if end is None:
                raise _Fault("truncated", "the JPEG ends within its picture")
            at = end.start()
        if scans > _MOST_SCANS:
            raise _Fault("too-large", f"the JPEG goes over its pixels more than {_MOST_SCANS} times")
    if frame is None or scans == 0:
        raise _Fault("damaged", "the JPEG has no picture")
    bits, height, width, channels = frame
    if bits != 8:
        raise _Fault("unsupported", f"a JPEG of {bits} bits is not read", "save it with 8 bits, or as PNG")
    inks = channels == 4
    return Header(
        format="jpeg",
        width=width,
        height=height,
        channels=channels,
        bits=bits,
        orientation=orientation,
        inks=inks,
        inks_inverted=inverted,
    )


def _jpeg_marker(raw: bytes, at: int) -> tuple[int, int]:
    """Return the next marker and where its segment begins; fill bytes before it do not count."""
    if at >= len(raw):
        raise _Fault("truncated", "the JPEG has no end")
    if raw[at] != 0xFF:
        raise _Fault("damaged", "a segment of the JPEG begins with no marker")
    while at < len(raw) and raw[at] == 0xFF:
        at += 1
    if at >= len(raw):
        raise _Fault("truncated", "the JPEG has no end")
    return raw[at], at + 1


Tags: TypeAlias = dict[int, tuple[int, ...]]
_LAYOUTS = {1: "B", 3: "H", 4: "I"}  # of the types of values that are asked for


def _tiff(raw: bytes) -> Header:
    tags, after = _tags(raw, wanted={256, 257, 258, 262, 273, 274, 277, 279, 324, 325, 339})
    width, height = _one(tags, 256, 0), _one(tags, 257, 0)
    if after:
        raise _Fault("several", "the TIFF has more than one page", "save the page that is meant")
    offsets, counts = tags.get(273) or tags.get(324) or (), tags.get(279) or tags.get(325) or ()
    if not offsets or len(offsets) != len(counts):
        raise _Fault("damaged", "the TIFF does not say where its pixels are")
    if max(a + n for a, n in zip(offsets, counts, strict=True)) > len(raw):
        raise _Fault("truncated", "the TIFF ends within its picture")
    channels = _one(tags, 277, 1)
    if not 1 <= channels <= 4:
        raise _Fault("unsupported", f"a TIFF of {channels} channels is not read")
    return Header(
        format="tiff",
        width=width,
        height=height,
        channels=channels,
        bits=max(tags.get(258, (1,))),
        orientation=_one(tags, 274, _UPRIGHT),
        inks=_one(tags, 262, 0) == 5,
    )


def _one(tags: Tags, tag: int, otherwise: int) -> int:
    return (tags.get(tag) or (otherwise,))[0]


def _tags(raw: bytes, *, wanted: set[int]) -> tuple[Tags, int]:
    """Return the values of whole numbers in the first directory, and where the next is; 0 if there is none."""
    order = "<" if raw[:2] == b"II" else ">"
    [at] = struct.unpack_from(order + "I", raw, 4)
    [entries] = struct.unpack_from(order + "H", raw, at)
    found: Tags = {}
    for place in range(at + 2, at + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from(order + "HHI", raw, place)
        if tag in wanted and kind in _LAYOUTS:
            size = struct.calcsize(order + _LAYOUTS[kind]) * count
            [where] = (place + 8,) if size <= 4 else struct.unpack_from(order + "I", raw, place + 8)
            if where + size > len(raw):
                raise _Fault("truncated", "the file ends within its header")
            found[tag] = struct.unpack_from(f"{order}{count}{_LAYOUTS[kind]}", raw, where)
    [after] = struct.unpack_from(order + "I", raw, at + 2 + 12 * entries)
    return found, after


def _orientation(exif: bytes) -> int:
    """Return the orientation that Exif says; upright if it is unreadable, since it is but a remark about a picture."""
    try:
        said = _one(_tags(exif, wanted={274})[0], 274, _UPRIGHT) if exif[:2] in (b"II", b"MM") else _UPRIGHT
    except (_Fault, struct.error):
        return _UPRIGHT
    return said if 1 <= said <= 8 else _UPRIGHT


def _webp(raw: bytes) -> Header:
    [size] = struct.unpack_from("<I", raw, 4)
    if size + 8 > len(raw):
        raise _Fault("truncated", "the WebP is shorter than it says")
    at, found, orientation = 12, None, _UPRIGHT
    while at + 8 <= size + 8:
        name, length = raw[at : at + 4], struct.unpack_from("<I", raw, at + 4)[0]
        body = raw[at + 8 : at + 8 + length]
        if len(body) < length:
            raise _Fault("truncated", "the WebP ends within a chunk")
        if name == b"VP8X":
            if body[0] & 2:
                raise _Fault("several", "the WebP is an animation", "save the frame that is meant")
            wide, high = (1 + int.from_bytes(body[n : n + 3], "little") for n in (4, 7))
            found = (wide, high, 4 if body[0] & 16 else 3)
        elif name == b"VP8 " and found is None:
            wide, high = struct.unpack_from("<HH", body, 6)
            found = (wide & 0x3FFF, high & 0x3FFF, 3)
        elif name == b"VP8L" and found is None:
            [packed] = struct.unpack_from("<I", body, 1)
            found = (1 + (packed & 0x3FFF), 1 + ((packed >> 14) & 0x3FFF), 4 if packed >> 28 & 1 else 3)
        elif name == b"EXIF":
            orientation = _orientation(body.removeprefix(b"Exif\x00\x00"))
        at += 8 + length + (length & 1)
    if found is None:
        raise _Fault("damaged", "the WebP has no picture")
    return Header(format="webp", width=found[0], height=found[1], channels=found[2], bits=8, orientation=orientation)


def _gif(raw: bytes) -> Header:
    width, height, flags = struct.unpack_from("<HHB", raw, 6)
    at, frames = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0), 0
    while raw[at] != 0x3B:
        if raw[at] == 0x2C:
            frames += 1
            own = raw[at + 9]
            at += 10 + (3 << ((own & 7) + 1) if own & 0x80 else 0) + 1
        elif raw[at] == 0x21:
            at += 2
        else:
            raise _Fault("damaged", "a block of the GIF is of no known kind")
        while raw[at]:
            at += raw[at] + 1
        at += 1
        if frames > 1:
            raise _Fault("several", "the GIF is an animation", "save the frame that is meant")
    return Header(format="gif", width=width, height=height, channels=3, bits=8)


def _bmp(raw: bytes) -> Header:
    start, size = struct.unpack_from("<II", raw, 10)
    if size < 40:
        raise _Fault("unsupported", "a bitmap of OS/2 is not read", "convert it to PNG")
    width, height, _, bits, packing = struct.unpack_from("<iiHHI", raw, 18)
    if packing == 0 and start + ((width * bits + 31) // 32 * 4) * abs(height) > len(raw):
        raise _Fault("truncated", "the bitmap ends within its picture")
    return Header(format="bmp", width=width, height=abs(height), channels=4 if bits == 32 else 3, bits=8)
