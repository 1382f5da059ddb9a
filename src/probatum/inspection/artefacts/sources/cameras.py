"""Cameras at this machine: those of V4L2 through OpenCV, and those of GenICam (GigE Vision, USB3 Vision) through `harvesters`.

What a camera gives is packed as PNG, so that it has a digest and is read as every other picture is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probatum.errors import MissingExtra, UsageError
from probatum.inspection.artefacts.sources import Shot
from probatum.inspection.artefacts.unusable import Unusable

_WARM = 5  # pictures that are thrown away first, while exposure settles


class VideoDevices:
    """Cameras that the system has as devices.

    Parameters
    ----------
    devices : mapping of str to int or str
        From the name of each view to the number or the path of its device.
    warm : int
        Pictures that are thrown away when a camera is opened.

    Raises
    ------
    MissingExtra
        If OpenCV is not installed.
    """

    def __init__(self, devices: Mapping[str, int | str], *, warm: int = _WARM) -> None:
        self._cv2 = _opencv()
        self._devices, self._warm = dict(devices), warm
        self._open: dict[str, Any] = {}

    def capture(self) -> list[Shot]:
        """Take one picture with each."""
        return [Shot(name, self._taken(name, device)) for name, device in self._devices.items()]

    def close(self) -> None:
        """Give the devices back."""
        for camera in self._open.values():
            camera.release()
        self._open.clear()

    def _taken(self, name: str, device: int | str) -> bytes | Unusable:
        try:
            if name not in self._open:
                camera = self._cv2.VideoCapture(device)
                if not camera.isOpened():
                    camera.release()
                    return Unusable(
                        "no-answer", f"the camera `{name}` cannot be opened", f"see whether `{device}` is the right device"
                    )
                self._open[name] = camera
                for _ in range(self._warm):
                    camera.grab()
            # A device keeps pictures that nobody fetched: what was there before is not what is there now.
            self._open[name].grab()
            fine, pixels = self._open[name].read()
        except self._cv2.error as problem:
            fine, pixels = False, str(problem)
        if not fine:
            self._open.pop(name).release() if name in self._open else None
            return Unusable("no-answer", f"the camera `{name}` gives no picture", "see whether it is still connected")
        return packed(pixels)


class GenicamCameras:
    """Cameras of GenICam.

    Parameters
    ----------
    producers : sequence of Path
        Files `.cti` of the vendors of the cameras, which find them.
    serials : mapping of str to str
        From the name of each view to the serial number of its camera.
    timeout_s : float

    Raises
    ------
    MissingExtra
        If `harvesters` is not installed.
    UsageError
        If a file of a vendor is not there.
    """

    def __init__(self, producers: list[Path], serials: Mapping[str, str], *, timeout_s: float = 5.0) -> None:
        try:
            from harvesters.core import Harvester
        except ImportError:
            raise MissingExtra(
                "cameras of GenICam are reached by `harvesters`, which is not installed", help="pip install harvesters"
            ) from None
        for path in producers:
            if not path.is_file():
                raise UsageError(
                    f"there is no file `{path.name}` of a vendor of cameras", help="install the vendor's GenTL producer"
                )
        self._timeout, self._serials = timeout_s, dict(serials)
        self._harvester = Harvester()
        for path in producers:
            self._harvester.add_file(str(path))
        self._harvester.update()
        self._open: dict[str, Any] = {}

    def capture(self) -> list[Shot]:
        """Take one picture with each."""
        return [Shot(name, self._taken(name, serial)) for name, serial in self._serials.items()]

    def close(self) -> None:
        """Give the cameras back."""
        for camera in self._open.values():
            camera.destroy()
        self._open.clear()
        self._harvester.reset()

    def _taken(self, name: str, serial: str) -> bytes | Unusable:
        try:
            if name not in self._open:
                self._open[name] = self._harvester.create({"serial_number": serial})
                self._open[name].start()
            with self._open[name].fetch(timeout=self._timeout) as buffer:
                part = buffer.payload.components[0]
                pixels = part.data.reshape(part.height, part.width, -1).copy()
                form = str(part.data_format)
        except Exception as problem:  # noqa: BLE001 - each vendor raises its own
            return Unusable(
                "no-answer", f"the camera `{name}` gives no picture: {str(problem).lower()[:80]}", "see whether it is connected"
            )
        return as_file(pixels, form)


def as_file(pixels: Any, form: str) -> bytes | Unusable:
    """Pack what a camera gives, given its pixel format as the standard names it (PFNC)."""
    cv2 = _opencv()
    mosaics = {"BayerRG": "RGGB", "BayerGB": "GBRG", "BayerGR": "GRBG", "BayerBG": "BGGR"}
    mosaic = next((order for start, order in mosaics.items() if form.startswith(start)), "")
    if form.endswith(("p", "Packed")):
        return Unusable("unsupported", f"pixels of `{form}` are not read", "set the camera to Mono8, RGB8 or BayerRG8")
    if mosaic:
        return packed(cv2.cvtColor(pixels[..., 0], getattr(cv2, f"COLOR_Bayer{mosaic}2BGR")))
    if form.startswith("Mono"):
        return packed(pixels[..., 0])
    if form in ("RGB8", "BGR8"):
        return packed(pixels[..., ::-1] if form == "RGB8" else pixels)
    return Unusable("unsupported", f"pixels of `{form}` are not read", "set the camera to Mono8, RGB8 or BayerRG8")


def packed(pixels: Any) -> bytes | Unusable:
    """Return a PNG of grey or of blue, green and red."""
    cv2 = _opencv()
    try:
        fine, raw = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    except cv2.error:
        fine, raw = False, None
    return raw.tobytes() if fine else Unusable("unsupported", "the camera gives pixels that are no picture")


def _opencv() -> Any:
    try:
        import cv2
    except ImportError:
        raise MissingExtra(
            "cameras are read by OpenCV, which is not installed", help="pip install 'probatum[inspection]'"
        ) from None
    return cv2
