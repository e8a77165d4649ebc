"""Lesson "missed": what is sent to somebody who is away, and how a buffer brings it back."""

from .delivery import Delivery


def prepare(services):
    """The runs of an earlier start can be resumed from the first moment on."""
    services.keep(
        Delivery,
        lambda: Delivery(services.buffers, services.key, services.now, services.settings),
    )
