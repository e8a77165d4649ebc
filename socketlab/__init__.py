"""SocketLab: how sockets work, taught on real sockets."""
