"""Lesson "upgrade": a connection begins as HTTP and goes on as a WebSocket."""
