"""The addresses under which other machines may reach this one."""

import socket

# Reserved for documentation: nothing is sent to it, connecting a datagram socket only asks
# the routing table which of our addresses would be used (RFC 5737, section 3).
ELSEWHERE = ("192.0.2.1", 9)


def addresses():
    """This machine's IPv4 addresses that are not loopback, the likeliest first."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
            found.append(probe.getsockname()[0])
        except OSError:
            pass  # no route: a laptop without any network
    try:
        infos = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        found += [info[4][0] for info in infos]
    except OSError:
        pass  # a host name that resolves to nothing
    return [a for a in dict.fromkeys(found) if not a.startswith("127.") and a != "0.0.0.0"]
