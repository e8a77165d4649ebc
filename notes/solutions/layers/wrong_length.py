# fails extended: characters, and it has
import socketio

SERVER = "http://127.0.0.1:8000"
SEAT = "the token of your seat"

sio = socketio.Client()
stream = b""


@sio.on("chunk", namespace="/exercise")
def chunk(data):
    global stream
    stream += bytes.fromhex(data["hex"])
    while frame():
        pass


def frame():
    global stream
    if len(stream) < 2:
        return False
    masked, size, at = stream[1] > 127, stream[1] & 127, 2
    if size == 126:
        at = 4
    mask = stream[at : at + 4] if masked else bytes(4)
    at += 4 if masked else 0
    if len(stream) < at + size:
        return False
    payload = bytes(byte ^ mask[n % 4] for n, byte in enumerate(stream[at : at + size]))
    decoded = {"opcode": stream[0] & 15, "masked": masked, "payload": payload.decode("latin-1")}
    sio.emit("decoded", decoded, namespace="/exercise")
    stream = stream[at + size :]
    return True


@sio.on("judged", namespace="/exercise")
def judged(data):
    sio.disconnect()


sio.connect(
    SERVER,
    auth={"seat": SEAT, "exercise": "layers"},
    namespaces=["/exercise"],
)
sio.sleep(3)
sio.disconnect()
