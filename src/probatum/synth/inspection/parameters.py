"""All that chance and choice in the booth depend on, in one place.

Nothing here is fitted to real goods: rates, sizes and looks are assumptions, made so that the traps of the field are there. Real
pictures decide whether what is learnt here holds elsewhere; reports vary these numbers instead of trusting them.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field

from probatum.source import digest_of

MODEL = "probatum-inspection-booth/1"  # raised when the same parameters make other pictures
NOTICE = "MADE UP by a generator: no such goods exist, and nobody photographed them"

KINDS = ("box", "mailer", "polybag", "bottle", "blister", "book", "set")
DAMAGES = ("crush", "tear", "hole", "opened", "deconstruction", "spill", "missing_unit", "superficial")
PRINTED = ("printed_crack", "printed_spill", "printed_hole")  # part of the artwork of a product
DECOYS = ("sticker", "seasonal", "wrinkles", "reflection", "dust", "hand_shadow")  # of one item, and no damage
CAPTURE_FAULTS = ("motion_blur", "black", "overexposed", "dead_depth", "cut_off", "empty_tray", "two_items")


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera and the lamp that is lit while it takes its picture.

    Attributes
    ----------
    name : str
    offset_mm : (float, float)
        From the middle of the tray, to the right and downwards in the picture.
    height_mm : float
        Above the tray. The picture plane is parallel to the tray, as with a shift lens: depth is measured along the vertical.
    zoom : float
        Above 1 sees less of the tray.
    roll_deg : float
    distortion : float
        First radial coefficient, for a radius of 1 at the edge of the picture.
    blur_px : float
        Standard deviation of what the lens spreads a point to.
    noise : (float, float)
        Standard deviation of what is read, and of what is counted at full light, as fractions of full light.
    lamp_deg : (float, float)
        Azimuth and elevation of the key light.
    lamp : float
        Its strength; the dome over the tray has 1.
    warmth : float
        Red over blue, in excess of equal.
    """

    name: str
    offset_mm: tuple[float, float] = (0.0, 0.0)
    height_mm: float = 900.0
    zoom: float = 1.0
    roll_deg: float = 0.0
    distortion: float = 0.0
    blur_px: float = 0.55
    noise: tuple[float, float] = (0.006, 0.012)
    lamp_deg: tuple[float, float] = (225.0, 48.0)
    lamp: float = 1.2
    warmth: float = 0.04


CAMERAS = (
    Camera(name="A", offset_mm=(20.0, -10.0), height_mm=950.0, roll_deg=0.4, distortion=0.012),
    Camera(
        name="B",
        offset_mm=(230.0, 130.0),
        height_mm=780.0,
        zoom=0.97,
        roll_deg=-1.1,
        distortion=-0.02,
        noise=(0.008, 0.016),
        lamp_deg=(35.0, 42.0),
        lamp=1.0,
        warmth=-0.03,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Optics:
    """How an item is photographed.

    Attributes
    ----------
    size : int
        Of a picture, in pixels on a side.
    field_mm : float
        What a camera of zoom 1 sees of the tray, on a side.
    cameras : tuple of Camera
    noise : float
        Times the noise of every camera and of depth; 0 is none, and then no depth is dead either.
    jitter : float
        Times how much lamps, exposure and focus differ from item to item.
    depth_noise_mm : float
        Standard deviation.
    dead : float
        Share of pixels without a depth, of those that neither gloss nor an edge makes blind.
    off_centre_mm : float
        How far from the middle an item lies at most, along each axis.
    """

    size: int = 256
    field_mm: float = 380.0
    cameras: tuple[Camera, ...] = CAMERAS
    noise: float = 1.0
    jitter: float = 1.0
    depth_noise_mm: float = 0.6
    dead: float = 0.002
    off_centre_mm: float = 16.0

    @property
    def scale(self) -> float:
        """Pixels per millimetre of the tray."""
        return self.size / self.field_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaging:
    """How often goods are damaged, and by what.

    Attributes
    ----------
    prevalence : float
        Share of items with damage, before bursts, as long as no rate exceeds 1.
    by_cause : float
        Share of that which comes of one station, one shift and one vendor, a third each. The rest is handling anywhere.
    bursts : int
        Times that a vendor delivers damaged goods.
    burst_days : float
    burst_rate : float
        Share of items of that vendor that are damaged then, in excess.
    severity : (float, float)
        Beta distribution of severity.
    again : float
        Share of damaged items with damage of a second type.
    """

    prevalence: float = 0.1
    by_cause: float = 0.4
    bursts: int = 1
    burst_days: float = 2.0
    burst_rate: float = 0.3
    severity: tuple[float, float] = (1.6, 1.6)
    again: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Misleading:
    """What is there to mislead, and is no damage.

    Attributes
    ----------
    printed : float
        Share of products with a smashed screen, a spill or a hole printed on them.
    decoys : float
        Share of items with each of `DECOYS`, but for `seasonal`: some products have it on half of their items in the last tenth of the days.
    faults : float
        Share of items with each of `CAPTURE_FAULTS`.
    wrong_product : float
        Share of items under the barcode of another product.
    unread : float
        Share of items without a barcode that was read: nobody says which product they are.
    redesigned : float
        Share of products that are redesigned once; half of them get new artwork, a quarter grow by 10 %, a quarter get both.
    old_stock_days : float
        For how long the old design still comes, mixed with the new one.
    drift : float
        Share of light that each station loses from the first day to the last, at most.
    dirty : float
        Share of references that are damaged.
    """

    printed: float = 0.12
    decoys: float = 0.03
    faults: float = 0.002
    wrong_product: float = 0.004
    unread: float = 0.01
    redesigned: float = 0.2
    old_stock_days: float = 2.0
    drift: float = 0.12
    dirty: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """A simulated booth with its stations, vendors and products.

    Attributes
    ----------
    seed : int
    products : int
    kinds : tuple of str
        Kinds of product, of `KINDS`.
    first_product : int
        Products are numbered from here: two booths with ranges that do not overlap share none.
    items, days : int
    stations, vendors : int
    references : (int, int)
        Fewest and most references of a product, each with all views, taken on the day before the first.
    labelled : float
        Share of items, drawn at random, whose labels are in the manifest.
    split : (float, float)
        Parts of the time that are `train` and `calibration`; the rest is `test`.
    begins : str
        The first day, UTC.
    """

    seed: int = 0
    products: int = 30
    kinds: tuple[str, ...] = KINDS
    first_product: int = 0
    items: int = 1000
    days: int = 14
    stations: int = 3
    vendors: int = 5
    references: tuple[int, int] = (3, 5)
    labelled: float = 1.0
    split: tuple[float, float] = (0.5, 0.25)
    begins: str = "2026-01-05"
    optics: Optics = field(default_factory=Optics)
    damaging: Damaging = field(default_factory=Damaging)
    misleading: Misleading = field(default_factory=Misleading)

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits of all of this, for reports."""
        return digest_of([MODEL, asdict(self)])[:16]


def seed_of(*what: str | int) -> int:
    """Return a seed of its own for some part of the world: eight bytes of a digest."""
    return int.from_bytes(hashlib.blake2b(repr(what).encode(), digest_size=8).digest(), "big")
