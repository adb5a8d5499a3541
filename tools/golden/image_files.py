"""Reference values for packages/datasets: small files of many kinds, and the RGB pixels that Pillow reads from them.

Writes packages/datasets/test/golden/image-files.json. Run it with Pillow 13 and numpy from PyPI:

    python3 tools/golden/image_files.py

Every entry has the file as base64, its width and height, and the SHA-256 of `Image.open(file).convert('RGB')`.
"""

import base64
import hashlib
import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image

OUT = Path(__file__).resolve().parents[2] / "packages" / "datasets" / "test" / "golden" / "image-files.json"
W, H = 15, 21
random = np.random.default_rng(3)
tiles = np.kron(random.integers(0, 256, (7, 5, 4), "uint8"), np.ones((3, 3, 1), "uint8"))
rgb = Image.fromarray(tiles[:, :, :3].copy(), "RGB")
rgba = Image.fromarray(tiles, "RGBA")
cmyk = Image.fromarray(tiles, "CMYK")
grey = Image.fromarray(tiles[:, :, 0].copy(), "L")
palette = rgb.quantize(13)
one = grey.convert("1")
files = {}


def save(name, image, **options):
    out = io.BytesIO()
    kind = {"jpg": "JPEG", "tif": "TIFF", "apng": "PNG"}.get(name.rsplit(".")[-1], name.rsplit(".")[-1].upper())
    image.save(out, format=kind, **options)
    files[name] = out.getvalue()


def bmp(name, bits, compression, data, colours=b"", masks=b"", height=H, core=False):
    header = (
        struct.pack("<IHHHH", 12, W, height, 1, bits)
        if core
        else struct.pack("<IiiHHIIiiII", 40, W, height, 1, bits, compression, len(data), 0, 0, 0, 0)
    )
    first = 14 + len(header) + len(masks) + len(colours)
    files[name] = struct.pack("<2sIHHI", b"BM", first + len(data), 0, 0, first) + header + masks + colours + data


for name, image in {"rgb": rgb, "rgba": rgba, "grey": grey, "palette": palette, "one": one}.items():
    save(f"{name}.bmp", image)
rows16 = b"".join(row.astype("<u2").tobytes() + b"\0\0" for row in random.integers(0, 65536, (H, W)))
rows4 = random.integers(0, 256, (H, 8), "uint8").tobytes()
colours16 = random.integers(0, 256, 64, "uint8").tobytes()
colours256 = random.integers(0, 256, 1024, "uint8").tobytes()
bmp("555.bmp", 16, 0, rows16)
bmp("565.bmp", 16, 3, rows16, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
bmp("top-down.bmp", 16, 0, rows16, height=-H)
bmp("4-bit.bmp", 4, 0, rows4, colours16)
bmp("os2.bmp", 4, 0, rows4, colours16[:48], core=True)
bmp("32-bit.bmp", 32, 0, random.integers(0, 256, (H, W, 4), "uint8").tobytes())
bmp("rle8.bmp", 8, 1, b"".join(bytes([5, y * 3, 0, 3, 1, 2, 3, 0, 7, 9, 0, 0]) for y in range(H)) + b"\0\1", colours256)
bmp("rle4.bmp", 4, 2, bytes([5, 0x12, 0, 5, 0x34, 0x56, 0x70, 0, 5, 0x9A, 0, 0]) * H + b"\0\1", colours16)
save("palette.gif", palette)
save("frames.gif", palette, save_all=True, append_images=[rgb.quantize(5)])
save("plain.tif", rgb)
save("lzw.tif", rgb, compression="tiff_lzw")
save("rgba.tif", rgba)
save("grey.tif", grey)
save("palette.tif", palette)
save("fax.tif", one, compression="group4")
save("cmyk.tif", cmyk)
turned = Image.Exif()
turned[0x112] = 6
save("turned.tif", rgb, exif=turned)
save("frames.apng", rgb, save_all=True, append_images=[grey.convert("RGB")])
save("cmyk.jpg", cmyk, quality=95)
jpeg = files["cmyk.jpg"]
adobe = jpeg.find(b"\xff\xee")
end = adobe + 2 + int.from_bytes(jpeg[adobe + 2 : adobe + 4], "big")
files["cmyk-unmarked.jpg"] = jpeg[:adobe] + jpeg[end:]
files["ycck.jpg"] = jpeg[: end - 1] + b"\2" + jpeg[end:]

entries = []
for name, data in files.items():
    image = Image.open(io.BytesIO(data)).convert("RGB")
    entries.append(
        {
            "name": name,
            "base64": base64.b64encode(data).decode(),
            "width": image.width,
            "height": image.height,
            "sha256": hashlib.sha256(image.tobytes()).hexdigest(),
        }
    )
OUT.write_text(json.dumps({"files": entries}, indent=1) + "\n")
