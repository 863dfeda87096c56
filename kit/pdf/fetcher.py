"""The only door through which a paper can get a style sheet or a picture.

WeasyPrint's own fetcher reads any file and any address, and swallows what goes wrong. This one
serves files packaged beside this module (``asset:name``) and small pictures that are already
inside the HTML (``data:``); anything else stops the whole paper.
"""

import base64
import binascii
import io
import mimetypes
import re
from pathlib import Path

from PIL import Image
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from kit.pdf.limits import MAX_PIXELS

ASSETS = Path(__file__).parent / "assets"
MAX_DATA_URL = 4_000_000
# An empty scheme of our own as base address: relative addresses arrive here too and are refused.
BASE_URL = "asset:"

_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_ASSET = re.compile(r"asset:([a-z0-9][a-z0-9_-]*\.[a-z0-9]+)")
_DATA = re.compile(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=%\s]+)")


class AssetFetcher(URLFetcher):
    """Serves ``asset:`` and pictures in ``data:``; the rest is refused and remembered.

    The exception is a BaseException and ends most renderings, but WeasyPrint swallows even that
    while it draws SVG: whoever renders looks at ``refused`` at the end.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        try:
            return self._serve(url)
        except FatalURLFetchingError as error:
            self.refused.append(str(error))
            raise

    def _serve(self, url: str) -> URLFetcherResponse:
        if match := _ASSET.fullmatch(url):
            return _serve_asset(url, match[1])
        if len(url) <= MAX_DATA_URL and (match := _DATA.fullmatch(url)):
            return _serve_picture(url, match[1], match[2])
        raise FatalURLFetchingError(url[:200])


def _serve_asset(url: str, name: str) -> URLFetcherResponse:
    path = ASSETS / name
    if not path.is_file():
        raise FatalURLFetchingError(url)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def _serve_picture(url: str, kind: str, payload: str) -> URLFetcherResponse:
    try:
        content = base64.b64decode(payload, validate=True)
        # Opening reads the header only; the pixels are counted before anyone decodes them.
        with Image.open(io.BytesIO(content), formats=[kind.upper()]) as picture:
            width, height = picture.size
    except (binascii.Error, OSError, ValueError, *_BOMBS) as error:
        raise FatalURLFetchingError("data: not a picture") from error
    if width * height > MAX_PIXELS:
        raise FatalURLFetchingError(f"data: picture of {width} x {height}")
    return URLFetcherResponse(url, content, {"Content-Type": f"image/{kind}"})
