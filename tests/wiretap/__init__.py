"""Tests of the tap and its decoders."""
