"""Sample files to upload, with secrets in their metadata, and why one is rejected."""

import io
import zipfile

import pillow_heif
import pytest
from PIL import ExifTags, Image

from reflect.media.limits import MediaLimits, MediaRejected
from reflect.media.transcode import to_safe_file

pillow_heif.register_heif_opener()
RED = (220, 30, 30)
GREEN = (30, 200, 30)
BLUE = (30, 30, 220)
WHITE = (255, 255, 255)
HIDDEN_ADDRESS = b"Geheime Laan 7"
HIDDEN_AUTHOR = b"Noor de Vries"


def encode_image(image, format_name, **options):
    out = io.BytesIO()
    image.save(out, format_name, **options)
    return out.getvalue()


def four_colour_image(size=(400, 300)):
    """Return an image with red and green in the upper corners, blue and white in the lower ones."""
    image = Image.new("RGB", size, WHITE)
    half_width = size[0] // 2
    half_height = size[1] // 2
    for (x, y), colour in (((0, 0), RED), ((half_width, 0), GREEN), ((0, half_height), BLUE)):
        image.paste(colour, (x, y, x + half_width, y + half_height))
    return image


def corner_colours(jpeg):
    """Return the colours of the upper left, upper right, lower left and lower right quarter."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    width, height = image.size
    columns = (width // 4, width * 3 // 4)
    rows = (height // 4, height * 3 // 4)
    return [image.getpixel((x, y)) for y in rows for x in columns]


def colours_match(actual, expected):
    return all(_is_close(colour, wanted) for colour, wanted in zip(actual, expected, strict=True))


def _is_close(colour, wanted):
    """Return whether a colour is what JPEG makes of the wanted one."""
    return all(abs(a - b) < 24 for a, b in zip(colour, wanted, strict=True))


def exif_with_location(orientation=1):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = HIDDEN_AUTHOR.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (51.0, 13.0, 30.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (4.0, 24.0, 1.0),
            ExifTags.GPS.GPSDateStamp: HIDDEN_ADDRESS.decode(),
        }
    )
    return exif


def reject_reason(data, **limits):
    """Return why this file is rejected; `limits` are fields of MediaLimits."""
    with pytest.raises(MediaRejected) as rejected:
        to_safe_file(data, limits=MediaLimits(**limits))
    return rejected.value.reason


def zip_with_text():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("verborgen.txt", "geheim")
    return out.getvalue()
