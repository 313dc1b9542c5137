"""How a child tells its parent what it found: one byte for the kind of answer, then the answer."""

JSON, BYTES, REFUSED, ERROR = b"J", b"B", b"R", b"E"
