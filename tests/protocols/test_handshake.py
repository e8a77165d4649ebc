"""From HTTP to WebSocket: the accept value."""

from socketlab.protocols import handshake


def test_the_accept_value_of_section_1_3():
    steps = handshake.accept_value("dGhlIHNhbXBsZSBub25jZQ==")

    assert handshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == steps["accept"]
    assert steps == {
        "concatenated": "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
        "sha1_hex": "b37a4f2cc0624f1690f64606cf385945b2bec4ea",
        "accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    }


def test_a_key_of_any_characters_has_an_accept_value():
    assert len(handshake.accept_value("schlüssel \ud800")["accept"]) == 28
