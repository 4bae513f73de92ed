"""Small files of each kind, made here: none comes from a customer."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "PNG", *, colour: str = "red") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(made, kind)
    return made.getvalue()


def archive(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return made.getvalue()


def upload(
    name: str = "invoice.pdf", content: bytes = PDF, content_type: str = "text/html"
) -> SimpleUploadedFile:
    """content_type: what the browser says, which nobody believes."""
    return SimpleUploadedFile(name, content, content_type)
