"""Lets schemathesis upload files that are images, beside those that are not."""

import base64

import schemathesis
from hypothesis import strategies as st

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FILES = st.one_of(st.just(PNG), st.binary(max_size=64).map(lambda tail: PNG + tail), st.binary(max_size=256))

for media_type in ("image/png", "image/jpeg", "image/webp"):
    schemathesis.openapi.media_type(media_type, FILES)
