"""Order once, ask until there is an answer, and get one soup.

    the program sends   payload                           acknowledged with
    order               {"dish", "order_id", "attempt"?}  {"ok": true, "ticket": str}, or nothing
    eaten               {"ticket": str}                   {"ok": true}

    the judge sends     payload                           to be acknowledged with
    asked               {"dish": str}                     nothing

The judge asks for two dishes, one after the other. It cooks the first at once and acknowledges
only the third order; of the second it acknowledges the first. It looks at no id, so that each new
id is one more soup. Source: Socket.IO documentation, tutorial, "Client delivery".
"""

from ...classroom.payloads import require_text
from ...exercises.judge import Check, Judge, shown
from ...protocols.packets import NO_ACK

SILENT = 2  # orders of the first dish that are not acknowledged
PATIENCE = 0.4  # seconds that a program waits at least before it asks again
QUIET = 1.5  # seconds after the last ticket in which no more orders may come
LONGEST = 64  # characters


class Exercise(Judge):
    seconds = 60.0  # packets may be typed by hand
    checks = (
        Check("order", "the first dish ordered as I asked for it, with an order_id"),
        Check("again", f"{SILENT} more orders of it, each {PATIENCE} s or more after the last"),
        Check("once", "one soup of the first dish: all its orders with the same order_id"),
        Check("fresh", "the second dish ordered under an order_id of its own"),
        Check("eaten", "the ticket of each dish told by eaten, once, and no more orders"),
    )

    def __init__(self, fresh, now):
        super().__init__(fresh, now)
        self.dishes = [f"soup {fresh()}", f"cake {fresh()}"]
        self.tickets = [fresh(), fresh()]
        self.at = 0  # which dish is asked for
        self.ids = []  # of the first dish
        self.last = None  # when it was ordered the last time
        self.told = 0  # tickets

    def began(self):
        self.emit("asked", {"dish": self.dishes[0]})

    def on_order(self, data):
        dish = require_text(data, "dish", LONGEST)
        order_id = require_text(data, "order_id", LONGEST)
        if self.told == len(self.dishes):
            self.failed("eaten", f"one more order, after you had eaten both: {shown(data)}")
        elif self.at == 0:
            return self.first(dish, order_id)
        elif dish == self.dishes[0]:
            self.failed("eaten", f"one more order of the first dish: {shown(data)}")
            return {"ok": True, "ticket": self.tickets[0]}
        else:
            self.second(dish, order_id)
        return {"ok": True, "ticket": self.tickets[1]}

    def first(self, dish, order_id):
        if dish != self.dishes[0]:
            self.failed("order", f"dish {shown(dish)}, and I had asked for {shown(self.dishes[0])}")
        self.passed("order", f"{dish}, order_id {shown(order_id)}")
        self.check_patience()
        self.ids.append(order_id)
        if len(self.ids) <= SILENT:
            return NO_ACK
        self.passed("again", f"{SILENT} orders more, until one was acknowledged")
        soups = len(set(self.ids))
        if soups == 1:
            self.passed("once", f"{len(self.ids)} orders with one id: one soup")
        else:
            self.failed("once", f"{len(self.ids)} orders with {soups} ids: {soups} soups")
        self.at = 1
        return {"ok": True, "ticket": self.tickets[0]}

    def check_patience(self):
        """An order that comes too soon after the last has not waited for its acknowledgement."""
        waited = None if self.last is None else self.now() - self.last
        self.last = self.now()
        if waited is not None and waited < PATIENCE:
            self.failed("again", f"the next order after {waited:.2f} s: wait for the answer first")

    def second(self, dish, order_id):
        if dish != self.dishes[1]:
            self.failed("fresh", f"dish {shown(dish)}, and I had asked for {shown(self.dishes[1])}")
        elif order_id in self.ids:
            self.failed("fresh", f"order_id {shown(order_id)} again: that is the order of the soup")
        else:
            self.passed("fresh", f"{dish}, order_id {shown(order_id)}")

    def on_eaten(self, data):
        ticket = require_text(data, "ticket", LONGEST)
        right = self.tickets[min(self.told, 1)]
        if self.told == len(self.dishes):
            self.failed("eaten", f"one more ticket, after both: {shown(ticket)}")
        elif ticket != right:
            self.failed("eaten", f"the ticket {shown(ticket)}, and I had given you {shown(right)}")
        self.told += 1
        if self.told == 1:
            self.emit("asked", {"dish": self.dishes[1]})
        elif self.told == len(self.dishes):
            self.after(QUIET, self.no_more)
        return {"ok": True}

    def no_more(self):
        self.passed("eaten", "both tickets, and no more orders")

    def so_far(self, check):
        if check == "eaten":
            return f"{self.told} of {len(self.dishes)} tickets told"
        if check in ("again", "once"):
            tries = len(self.ids)
            return f"{tries} order{'' if tries == 1 else 's'} of the first dish"
        return "no such order"
