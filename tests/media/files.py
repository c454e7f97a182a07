"""What a student may attach, made here: pictures that know too much, and why one is refused."""

import io
import zipfile

import pillow_heif
import pytest
from PIL import Image

from reflect.media.kinds import Limits, MediaRefused
from reflect.media.refit import refit

pillow_heif.register_heif_opener()
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (255, 255, 255)
PLACE, AUTHOR = b"Geheime Laan 7", b"Noor de Vries"


def saved(image, format, **how):
    out = io.BytesIO()
    image.save(out, format, **how)
    return out.getvalue()


def quarters(size=(400, 300)):
    """Red at the left above, green at the right above, blue at the left below, white at the right below."""
    image, (w, h) = Image.new("RGB", size, WHITE), size
    for at, colour in (((0, 0), RED), ((w // 2, 0), GREEN), ((0, h // 2), BLUE)):
        image.paste(colour, (*at, at[0] + w // 2, at[1] + h // 2))
    return image


def corners(jpeg):
    """The colours at left above, right above, left below and right below."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    w, h = image.size
    return [image.getpixel((x, y)) for y in (h // 4, h * 3 // 4) for x in (w // 4, w * 3 // 4)]


def alike(seen, meant):
    return all(abs(a - b) < 24 for one, two in zip(seen, meant, strict=True) for a, b in zip(one, two, strict=True))


def taken_there(orientation=1):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, AUTHOR.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 13.0, 30.0), 3: "E", 4: (4.0, 24.0, 1.0), 29: PLACE.decode()})
    return exif


def why(data, **limits):
    with pytest.raises(MediaRefused) as refused:
        refit(data, limits=Limits(**limits))
    return refused.value.why


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("verborgen.txt", "geheim")
    return out.getvalue()
