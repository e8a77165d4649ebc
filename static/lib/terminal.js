// The raw terminal: a real connection without a client library. Every packet is typed by hand and explained while it is typed.

import { announce, element } from "./dom.js";
import { explain } from "./explain.js";
import { clock, plain, sign } from "./peel.js";

const PRESETS = [
  ["enter the main namespace", "40"],
  ["say hello there", '42["hello",{}]'],
  ["say hello and ask for an answer", '420["hello",{}]'],
  ["enter /class", "40/class,"],
  ["enter /bidirectional", "40/bidirectional,"],
  ["ask the time", '42/class,1["sync_clock",{"t0":0}]'],
  ["wave", '42/bidirectional,2["wave",{"text":"by hand"}]'],
  ["pong", "3"],
  ["no such type", "9"],
  ["half an event", '42/class,["wave"'],
];
const LINES = 200; // kept in the list
const TONES = {
  "Engine.IO type": "engineio",
  "Socket.IO type": "socketio",
  attachments: "socketio",
  namespace: "socketio",
  "ack id": "socketio",
  unknown: "wrong",
  "not JSON": "wrong",
};

export function terminal(root) {
  const seat = document.querySelector("meta[name=seat]")?.content;
  const by = (name, label) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: "by", value: name, checked: name === "websocket" }),
      label,
    );
  const choose = element(
    "fieldset",
    { class: "row" },
    element("legend", { class: "hidden" }, "Connect by"),
    by("websocket", "WebSocket"),
    by("polling", "Polling"),
  );
  const dial = element("button", { type: "submit", class: "primary" }, "Connect");
  const state = element("span", { class: "terminal-state" }, "not connected");
  const door = element("form", { class: "row", autocomplete: "off" }, choose, dial, state);
  const input = element("textarea", {
    id: "terminal-packet",
    rows: "2",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    maxlength: "4000",
    "aria-describedby": "terminal-outcome",
  });
  const parts = element("ol", { class: "terminal-parts", "aria-label": "The packet, part by part" });
  const says = element("p", { class: "terminal-says" });
  const outcome = element("p", { id: "terminal-outcome", class: "terminal-outcome" });
  const send = element("button", { type: "submit" }, "Send");
  const answering = element("input", { type: "checkbox", role: "switch", checked: true });
  const presets = element(
    "p",
    { class: "terminal-presets", role: "group", "aria-label": "Packets to try" },
    ...PRESETS.map(([name, text]) =>
      element("button", { type: "button", title: name, "data-text": text }, element("code", {}, text)),
    ),
  );
  const form = element(
    "form",
    { class: "terminal-form" },
    element("label", { for: "terminal-packet" }, "Your packet"),
    input,
    parts,
    says,
    outcome,
    element(
      "p",
      { class: "row between" },
      send,
      element("label", { class: "wire-switch" }, answering, "Answer 2 with 3 for me"),
    ),
  );
  const lines = element("ol");
  const log = element(
    "div",
    { class: "terminal-log", role: "log", "aria-live": "off", "aria-label": "What was said", tabindex: "0" },
    lines,
  );
  root.append(door, form, presets, log);

  let talk = null; // the open connection: {send(text), close(), joined: Set}
  let beats = null; // the line that counts heartbeats

  const connected = (is, words) => {
    root.dataset.state = is ? "open" : "closed";
    state.textContent = words;
    dial.textContent = is ? "Disconnect" : "Connect";
    for (const radio of door.elements.by) radio.disabled = is;
    look();
  };

  function note(kind, ...words) {
    beats = null;
    return put(
      element(
        "li",
        { "data-kind": kind },
        element("small", {}, clock(Date.now())),
        element("span", {}, ...words),
      ),
    );
  }

  function put(item) {
    const stick = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
    lines.append(item);
    if (lines.children.length > LINES) lines.firstElementChild.remove();
    if (stick) log.scrollTop = log.scrollHeight;
    return item;
  }

  function said(up, text) {
    if (text === (up ? "3" : "2")) return heartbeat(up);
    beats = null;
    const found = explain(text, { up });
    const item = element(
      "li",
      { "data-way": up ? "up" : "down" },
      element("small", {}, clock(Date.now())),
      sign(up ? "up" : "down"),
      element("span", { class: "hidden" }, up ? "you: " : "the server: "),
    );
    const detail = element(
      "details",
      {},
      element("summary", {}, element("code", {}, ...colours(text, found.parts))),
      element(
        "dl",
        {},
        ...found.parts.flatMap(({ name, value, meaning }) => [
          element("dt", {}, name),
          element("dd", {}, element("code", {}, element("bdi", {}, value.slice(0, 200))), ` ${meaning}`),
        ]),
      ),
    );
    item.append(detail);
    put(item);
    if (!up) announce(`The server: ${found.packet?.type ?? found.packet?.engine ?? text.slice(0, 40)}`);
    return found;
  }

  // Pings and pongs share one line, or the log would hold nothing else.
  function heartbeat(up) {
    if (!beats) {
      const words = element("span", {});
      beats = {
        pings: 0,
        pongs: 0,
        words,
        item: put(element("li", { "data-kind": "beat" }, element("small", {}, clock(Date.now())), words)),
      };
    }
    beats[up ? "pongs" : "pings"]++;
    beats.words.textContent = `heartbeat: ${beats.pings} × 2 from the server, ${beats.pongs} × 3 from you`;
    beats.item.toggleAttribute("data-late", beats.pings > beats.pongs);
  }

  function heard(text) {
    const found = said(false, text);
    if (text === "2") {
      if (answering.checked) {
        talk.send("3");
        said(true, "3");
      } else state.textContent = "a ping waits for your 3";
      return;
    }
    if (found?.packet?.type === "CONNECT") talk.joined.add(found.packet.namespace);
    if (found?.packet?.type === "DISCONNECT") talk.joined.delete(found.packet.namespace);
    look();
  }

  function over(sentence) {
    if (!talk) return;
    talk = null;
    note("closed", sentence);
    announce(sentence);
    connected(false, "not connected");
  }

  // While typing.

  function look() {
    const text = input.value;
    const found = explain(text, { joined: talk?.joined ?? null });
    parts.replaceChildren(
      ...found.parts.map(({ name, value }, at) =>
        element(
          "li",
          { "data-part": at, "data-tone": TONES[name] ?? "event" },
          element(
            "code",
            {},
            element("bdi", {}, text.slice(found.parts[at].start, found.parts[at].end).slice(0, 120)),
          ),
          element("small", {}, name === value ? "" : /type$/.test(name) ? value.replace(/^\d /, "") : name),
        ),
      ),
    );
    parts.hidden = !found.parts.length;
    explainAt(found);
    const { kind, sentence } = found.outcome;
    outcome.dataset.kind = kind;
    outcome.replaceChildren(
      ...(kind === "closes"
        ? [
            sign("wrong"),
            element("span", {}, element("b", {}, "This will close the connection: "), sentence, "."),
          ]
        : kind === "answered"
          ? [element("span", {}, element("b", {}, "The server will say no, by an ack: "), sentence, ".")]
          : [element("span", {}, sentence)]),
    );
    send.disabled = !talk || !text;
    send.textContent = kind === "closes" && talk ? "Send it anyway" : "Send";
    return found;
  }

  // The sentence of the part that the caret is in, or that is pointed at.
  function explainAt(found, at = null) {
    const caret = Math.max(0, input.selectionStart - 1);
    const n = at ?? found.parts.findIndex(({ start, end }) => caret >= start && caret < end);
    const part = found.parts[n];
    for (const item of parts.children) item.toggleAttribute("data-on", Number(item.dataset.part) === n);
    says.replaceChildren(
      ...(part
        ? [
            element("b", {}, `${part.name}: `),
            element("bdi", {}, part.value.slice(0, 80)),
            ` ${part.meaning}`,
          ]
        : [""]),
    );
  }

  input.addEventListener("input", look);
  for (const event of ["keyup", "click", "focus"])
    input.addEventListener(event, () => explainAt(explain(input.value, { joined: talk?.joined ?? null })));
  parts.addEventListener("pointerover", ({ target }) => {
    const item = target.closest("li");
    if (item) explainAt(explain(input.value), Number(item.dataset.part));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!send.disabled) form.requestSubmit();
  });
  presets.addEventListener("click", ({ target }) => {
    const text = target.closest("button")?.dataset.text;
    if (!text) return;
    input.value = text;
    input.focus();
    look();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.replace(/\n$/, "");
    if (!talk || !text) return;
    said(true, text);
    talk.send(text);
    if (talk && text.startsWith("41")) talk.joined.delete(explain(text).packet?.namespace);
    input.value = "";
    look();
  });
  door.addEventListener("submit", (event) => {
    event.preventDefault();
    if (talk) return talk.close();
    const by = door.elements.by.value;
    connected(true, "connecting");
    talk = (by === "polling" ? polling : socket)(seat, {
      heard,
      over,
      open: (words) => connected(true, words),
      note,
    });
  });
  addEventListener("pagehide", () => talk?.close());
  connected(false, "not connected");
}

// The text in the colours of its layers.
function colours(text, parts) {
  return parts.length
    ? parts.map(({ start, end, name }) =>
        element("span", { "data-tone": TONES[name] ?? "event" }, plain(text.slice(start, end))),
      )
    : [plain(text)];
}

const address = (transport, seat, more = "") =>
  `/socket.io/?EIO=4&transport=${transport}${more}${seat ? `&seat=${encodeURIComponent(seat)}` : ""}`;
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

function socket(seat, { heard, over, open, note }) {
  const line = new WebSocket(address("websocket", seat).replace(/^/, location.origin.replace(/^http/, "ws")));
  let mine = false;
  note("way", "GET /socket.io/?EIO=4&transport=websocket, with Upgrade: websocket");
  line.addEventListener("open", () => {
    open("open, by WebSocket");
    note("way", "101 Switching Protocols. From here on: frames.");
  });
  line.addEventListener("message", ({ data }) => heard(typeof data === "string" ? data : "(bytes)"));
  line.addEventListener("close", ({ code, reason }) =>
    over(
      mine
        ? "You closed the connection."
        : `The connection is closed: ${code} (${CODES[code] ?? "a code of its own"})${reason ? `, "${reason}"` : ""}.`,
    ),
  );
  return {
    joined: new Set(),
    send: (text) => line.send(text),
    close() {
      mine = true;
      line.close(1000);
    },
  };
}

function polling(seat, { heard, over, open, note }) {
  const stop = new AbortController();
  let sid = "";
  let posts = Promise.resolve();
  const ended = async (answer) =>
    over(
      `The session is over: ${answer.status}, ${(await answer.text()).trim().slice(0, 200) || "without a word"}.`,
    );
  const ask = async () => {
    try {
      while (!stop.signal.aborted) {
        const answer = await fetch(address("polling", seat, sid && `&sid=${sid}`), {
          cache: "no-store",
          signal: stop.signal,
        });
        if (!answer.ok) return await ended(answer);
        for (const text of (await answer.text()).split("\x1e")) {
          if (text[0] === "0") {
            sid = encodeURIComponent(JSON.parse(text.slice(1)).sid);
            open("open, by polling");
          }
          heard(text);
        }
      }
    } catch {
      if (!stop.signal.aborted) over("The server cannot be reached.");
    }
  };
  note(
    "way",
    "GET /socket.io/?EIO=4&transport=polling; then one GET after the other, each held until there is something to say.",
  );
  ask();
  return {
    joined: new Set(),
    send(text) {
      posts = posts.then(async () => {
        try {
          const answer = await fetch(address("polling", seat, `&sid=${sid}`), {
            method: "POST",
            body: text,
            headers: { "Content-Type": "text/plain;charset=UTF-8" },
            signal: stop.signal,
          });
          if (!answer.ok) await ended(answer);
          if (!answer.ok) stop.abort();
        } catch {
          if (!stop.signal.aborted) over("The server cannot be reached.");
        }
      });
    },
    close() {
      fetch(address("polling", seat, `&sid=${sid}`), {
        method: "POST",
        body: "1",
        headers: { "Content-Type": "text/plain;charset=UTF-8" },
        keepalive: true,
      }).catch(() => {});
      over("You closed the session: POST 1.");
      stop.abort();
    },
  };
}
