"""Lesson "missed": what is sent to somebody who is away, and how a buffer brings it back."""

from .delivery import Delivery


def prepare(services):
    """The runs of an earlier start can be resumed from the first moment on."""
    here = services
    delivery = here.keep(
        Delivery,
        lambda: Delivery(here.buffers, here.key, here.now, here.settings, reached=here.reached),
    )
    here.memory["buffers"] = delivery.stats
