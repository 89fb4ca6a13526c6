"""Marks that are put up at places and read by a phone's camera."""
from __future__ import annotations

from io import BytesIO

import qrcode
import qrcode.image.svg


def qr(text: str) -> str:
    """A QR mark as SVG, with error correction for half-torn paper (level Q)."""
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=2,
                         image_factory=qrcode.image.svg.SvgPathImage)
    made.add_data(text)
    out = BytesIO()
    made.make_image().save(out)
    svg = out.getvalue().decode()
    return svg[svg.index("<svg"):]
