"""What the lesson's text says of the official client, tried with it."""

from ...helpers import told_by_client

SHARED = """
(() => {
  const open = (name, more) => io(`http://127.0.0.1${name}`, { autoConnect: false, ...more }).io;
  const kitchen = open("/kitchen");
  return {
    "another namespace": open("/tables") === kitchen,
    "asked for": open("/manager", { forceNew: true }) === kitchen,
    "the same again": open("/kitchen") === kitchen,
  };
})()
"""


def test_the_client_opens_a_second_connection_when_asked_and_for_the_same_namespace(
    node, client_file
):
    shared = told_by_client(node, client_file, SHARED)

    assert shared == {"another namespace": True, "asked for": False, "the same again": False}
