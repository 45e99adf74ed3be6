"""Plan to bundle: the bytes of every file, read back, and the one writer of a site folder."""
