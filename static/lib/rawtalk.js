// A connection of the raw terminal, by WebSocket or by polling: {send(text), close(), joined}. It speaks
// Engine.IO with the browser's own means, so that no packet goes out that nobody typed.

const CODES = {
  1000: "normal",
  1001: "going away",
  1002: "protocol error",
  1005: "no code was sent",
  1006: "no close frame came",
  1007: "not the data it should be",
  1008: "against the rules of this server",
  1009: "too big",
  1011: "the server failed",
};
const UNREACHABLE = "The server cannot be reached.";

const address = (transport, seat, more = "") =>
  `/socket.io/?EIO=4&transport=${transport}${more}${seat ? `&seat=${encodeURIComponent(seat)}` : ""}`;

// on: {heard(text), over(sentence), open(words), note(kind, words)}
export function bySocket(seat, on) {
  const url = new URL(address("websocket", seat), location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  let isMine = false; // whether this end closed it
  on.note("way", "GET /socket.io/?EIO=4&transport=websocket, with Upgrade: websocket");
  socket.addEventListener("open", () => {
    on.open("open, by WebSocket");
    on.note("way", "101 Switching Protocols. From here on: frames.");
  });
  socket.addEventListener("message", ({ data }) => on.heard(typeof data === "string" ? data : "(bytes)"));
  socket.addEventListener("close", ({ code, reason }) => {
    const why = `${code} (${CODES[code] ?? "a code of its own"})${reason ? `, "${reason}"` : ""}`;
    on.over(isMine ? "You closed the connection." : `The connection is closed: ${why}.`);
  });
  return {
    joined: new Set(),
    send: (text) => socket.send(text),
    close() {
      isMine = true;
      socket.close(1000);
    },
  };
}

export function byPolling(seat, on) {
  const session = { seat, sid: "", on, stop: new AbortController() };
  let posts = Promise.resolve(); // one after the other, or they would overtake each other
  const how = "then one GET after the other, each held until there is something to say.";
  on.note("way", `GET /socket.io/?EIO=4&transport=polling; ${how}`);
  poll(session);
  return {
    joined: new Set(),
    send(text) {
      posts = posts.then(() => send(session, text));
    },
    close() {
      post(session, "1", { keepalive: true }).catch(() => {});
      on.over("You closed the session: POST 1.");
      session.stop.abort();
    },
  };
}

async function poll(session) {
  const { seat, on, stop } = session;
  try {
    while (!stop.signal.aborted) {
      const url = address("polling", seat, session.sid && `&sid=${session.sid}`);
      const answer = await fetch(url, { cache: "no-store", signal: stop.signal });
      if (!answer.ok) return await ended(session, answer);
      for (const text of (await answer.text()).split("\x1e")) hear(session, text);
    }
  } catch {
    if (!stop.signal.aborted) on.over(UNREACHABLE);
  }
}

function hear(session, text) {
  if (text[0] === "0") {
    session.sid = encodeURIComponent(JSON.parse(text.slice(1)).sid);
    session.on.open("open, by polling");
  }
  session.on.heard(text);
}

async function send(session, text) {
  const { on, stop } = session;
  try {
    const answer = await post(session, text, { signal: stop.signal });
    if (answer.ok) return;
    await ended(session, answer);
    stop.abort();
  } catch {
    if (!stop.signal.aborted) on.over(UNREACHABLE);
  }
}

function post({ seat, sid }, body, options) {
  const headers = { "Content-Type": "text/plain;charset=UTF-8" };
  return fetch(address("polling", seat, `&sid=${sid}`), { method: "POST", body, headers, ...options });
}

async function ended({ on }, answer) {
  const words = (await answer.text()).trim().slice(0, 200) || "without a word";
  on.over(`The session is over: ${answer.status}, ${words}.`);
}
