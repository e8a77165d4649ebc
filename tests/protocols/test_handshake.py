"""From HTTP to WebSocket: the accept value."""

import pytest

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


@pytest.mark.parametrize(
    ("offers", "accepted"),
    [
        ("permessage-deflate", True),
        ("permessage-deflate; client_max_window_bits", True),
        ('permessage-deflate; client_max_window_bits="10"', True),
        ("permessage-deflate; client_no_context_takeover; client_max_window_bits=15", True),
        ("permessage-deflate; client_unheard_of", False),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits=9", False),
        ("permessage-deflate; client_max_window_bits=7", False),
        ("permessage-deflate; client_max_window_bits=16", False),
        ("permessage-deflate; client_max_window_bits=010", False),
        ("permessage-deflate; client_no_context_takeover=1", False),
        ("permessage-deflate; server_max_window_bits=10", False),
        ("permessage-deflate; client_unheard_of, permessage-deflate", True),
        ("x-webkit-deflate-frame", False),
        ("", False),
    ],
)
def test_an_offer_of_compression_with_a_wrong_term_is_none(offers, accepted):
    assert handshake.offers_deflate({"HTTP_SEC_WEBSOCKET_EXTENSIONS": offers}) is accepted
