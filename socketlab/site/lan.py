"""The addresses under which other machines may reach this one, the likeliest first."""

import contextlib
import socket
import struct
from ipaddress import IPv4Address

try:
    import fcntl
except ImportError:  # Windows: there the name of the host knows all addresses
    fcntl = None

# Reserved for documentation: nothing is sent to it, connecting a datagram socket only asks
# the routing table which of our addresses would be used (RFC 5737, section 3).
ELSEWHERE = ("192.0.2.1", 9)
SIOCGIFADDR = 0x8915  # netdevice(7) of Linux: the IPv4 address of an interface
# Interfaces that lead to programs on this machine, not to the room.
INSIDE = ("docker", "br-", "veth", "virbr", "vbox", "vmnet", "lxc", "podman", "tun", "tap")


def addresses():
    """This machine's IPv4 addresses that are not loopback, the likeliest first."""
    return ranked([*interfaces(), *resolved()], routed())


def ranked(found, default=None):
    """Addresses in the order in which a phone of the room is likely to reach them. Pure.

    ``found``: pairs (interface or "", address); ``default``: that of the default route, or None.
    First a private address of the default route, then other private ones (RFC 1918), then the
    rest, and last what belongs to virtual machines and containers.
    """
    names = {address: name for name, address in reversed(found)}
    if default is not None:
        names = {default: names.get(default, "")} | names

    def rank(address):
        number = IPv4Address(address)
        inside = names[address].startswith(INSIDE)
        return inside, number.is_link_local, not number.is_private, address != default

    usable = (a for a in names if not IPv4Address(a).is_loopback and a != "0.0.0.0")
    return sorted(usable, key=rank)


def routed():
    """The address that the default route would use; None on a machine without any network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
            return probe.getsockname()[0]
        except OSError:
            return None


def interfaces():
    """``(name, address)`` of every interface, where the system tells it in the way of Linux."""
    if fcntl is None:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            with contextlib.suppress(OSError):  # it has no address, or the system another number
                answer = fcntl.ioctl(probe, SIOCGIFADDR, request)
                yield name, socket.inet_ntoa(answer[20:24])


def resolved():
    """``("", address)`` of those that the name of this host stands for."""
    with contextlib.suppress(OSError):  # a host name that resolves to nothing
        for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            yield "", info[4][0]
