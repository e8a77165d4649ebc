// What stands before a student's program in its worker: the official client, a console that cannot flood the
// page, and the names that a program is given. Only the text of these functions is used there: each knows its
// arguments and the others, and nothing else of this page.

// Returns say(kind, text). post({lines: [[kind, text] …], left}): left is how many lines were not worth sending.
function printer(post) {
  const EVERY = 100; // ms between two posts
  const LINES = 200; // of one post
  const CHARACTERS = 40_000; // of one post …
  const LONGEST = 2000; // … and of one line
  let [batch, size, left, timer, last] = [[], 0, 0, 0, Number.NEGATIVE_INFINITY];

  function flush() {
    clearTimeout(timer);
    timer = 0;
    last = performance.now();
    post({ lines: batch, left });
    [batch, size, left] = [[], 0, 0];
  }

  // In a loop without an end no timer ever fires: then it is sent from here.
  return (kind, text) => {
    const more = text.length - LONGEST;
    const line = more > 0 ? `${text.slice(0, LONGEST)} … and ${more.toLocaleString("en")} characters` : text;
    if (batch.length < LINES && size < CHARACTERS) {
      batch.push([kind, line]);
      size += line.length;
    } else {
      left += 1;
    }
    if (performance.now() - last >= EVERY) flush();
    else timer ||= setTimeout(flush, EVERY);
  };
}

// A value as a line of text; an error with its line as the editor counts. before: lines above the program's first.
function shower(before) {
  const inEditor = (text) =>
    text.replace(/(?:blob:|http)\S*?:(\d+)(?::\d+)?/g, (place, line) => {
      if (place.startsWith("http")) return "the client";
      return line > before ? `line ${line - before}` : "the page";
    });

  // Chromium's stack begins with the message, others' do not.
  function traced(error) {
    const head = `${error.name}: ${error.message}`;
    const stack = String(error.stack ?? "").replace(head, "");
    const place = /line \d+/.exec(inEditor(stack));
    return place ? `${head} (${place[0]})` : head;
  }

  return (value) => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return traced(value);
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  };
}

function replaceConsole(scope, say, shown) {
  const quiet = Object.fromEntries(Object.keys(scope.console).map((name) => [name, () => {}]));
  const kinds = {
    log: "log",
    info: "log",
    debug: "log",
    table: "log",
    dir: "log",
    warn: "warn",
    error: "error",
  };
  for (const [name, kind] of Object.entries(kinds)) {
    quiet[name] = (...values) => say(kind, values.map(shown).join(" "));
  }
  scope.console = quiet;
}

function reportErrors(scope, say, shown, before) {
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    const line = event.lineno > before ? ` (line ${event.lineno - before})` : "";
    say("error", event.error instanceof Error ? shown(event.error) : `${event.message}${line}`);
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    say("error", `A promise was rejected and nobody caught it: ${shown(event.reason)}`);
  });
}

// A worker that was made of text has no address of its own, which the client would take the server's from.
// say(kind, text): a refusal that the program does not listen for would pass without a word.
function offerClient(scope, server, say) {
  const EMITS = 1000; // a second: far more than the server takes from one program
  scope.importScripts(`${server}/socket.io/socket.io.js`);
  const client = scope.io;
  const { emit } = client.Socket.prototype;
  let [second, emitted] = [0, 0];
  client.Socket.prototype.emit = function (...given) {
    const now = Math.floor(performance.now() / 1000);
    [second, emitted] = now === second ? [second, emitted + 1] : [now, 1];
    if (emitted > EMITS) throw new Error(`more than ${EMITS} events in one second: the page stops that`);
    return emit.apply(this, given);
  };
  const whole = (address) => (/^\/(?!\/)/.test(address ?? "/") ? server + (address ?? "") : address);
  const listening = (socket) => {
    const refused = ({ message }) => {
      if (socket.listeners("connect_error").length > 1) return;
      say(socket.active ? "warn" : "error", `connect_error at ${socket.nsp}: ${message}`);
    };
    return socket.on("connect_error", refused);
  };
  const here = (address, options) =>
    listening(typeof address === "object" ? client(server, address) : client(whole(address), options));
  scope.io = Object.assign(here, client, { connect: here, io: here });
}

function begin(scope, { server, seat, before }) {
  const say = printer(scope.postMessage.bind(scope));
  const shown = shower(before);
  delete scope.postMessage;
  replaceConsole(scope, say, shown);
  reportErrors(scope, say, shown, before);
  offerClient(scope, server, say);
  scope.SEAT = seat;
  scope.SERVER = server;
}

const PARTS = [printer, shower, replaceConsole, reportErrors, offerClient, begin];

// The text of a worker, and how many lines of it stand before the program: {text, before}.
// server: "http://10.0.0.7:8000"; seat: the token that the program comes in with.
export function headed(code, { server, seat }) {
  const head = (before) => {
    const given = JSON.stringify({ server, seat, before });
    return `(() => {\n${PARTS.join("\n")}\nbegin(globalThis, ${given});\n})();\n`;
  };
  const before = head(0).split("\n").length - 1;
  return { text: `${head(before)}${code}\n`, before };
}
