"""Hypothesis for the decoders: no deadline, since others use this machine; nothing left on disk."""

from hypothesis import settings

settings.register_profile("wire", deadline=None, database=None)
settings.load_profile("wire")
