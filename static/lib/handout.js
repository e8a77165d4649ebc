// Hand-outs: a page of rows that opens from disk by itself, and a capture file for
// python -m socketlab.wiretap.

const USED = ["wire.js", "wirefeed.js", "rows.js"]; // by START; what these import comes along
const SHEETS = ["tokens", "base", "wire"];
const MARK = '<script type="application/json" id="rows">';

// The page as text: our own modules and sheets inside, no request left to make.
async function page(rows, title) {
  const [script, sheets] = await Promise.all([bundle(), Promise.all(SHEETS.map(sheetOf))]);
  const json = JSON.stringify(rows).replaceAll("<", "\\u003c");
  const saved = escaped(new Date().toLocaleString("en-GB"));
  const advice = "This file needs no server. Print it to open everything.";
  return `<!doctype html>
<html lang="en" data-js>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(title)}</title>
<style>
${sheets.join("\n")}
${LOOK}
</style>
</head>
<body>
<p class="hidden" role="status" data-status></p>
<main><header><h1>${escaped(title)}</h1><p>${rows.length} rows, saved ${saved}. ${advice}</p></header>
<section data-wire data-layers="all" aria-label="Rows"></section></main>
${MARK}${json}</script>
<script>
${script.replaceAll("</script", "<\\/script")}
</script>
</body>
</html>
`;
}

const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";
const sheetOf = (name) => fetched(`../css/${name}.css`);

const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(":", "-");

// For people.
export async function saveHandout(rows, title) {
  download(await page(rows, title), `wire-${stamp()}.html`, "text/html");
}

// For programs.
export function saveCapture(rows) {
  download(capture(rows), `wire-${stamp()}.jsonl`, "application/jsonl");
}

// The capture file of socketlab/wiretap/capture.py. Its reader passes over "row", by which our own page opens
// it again.
function capture(rows) {
  const lines = rows.map((row) => {
    const tcp = row.layers[0];
    const frame = row.layers.find(({ layer }) => layer === "websocket");
    const line = {
      n: row.n,
      at: row.at,
      connection: row.connection,
      up: row.up,
      kind: row.transport === "websocket" ? "frame" : "http",
      offset: tcp.offset,
      hex: row.hex,
    };
    if (row.blanked) line.blanked = row.blanked;
    if (row.truncated) line.truncated = row.truncated;
    if (frame?.deflate) line.inflated_hex = frame.message_hex;
    return JSON.stringify({ ...line, row });
  });
  return `${[JSON.stringify({ capture: "socketlab", version: 1 }), ...lines].join("\n")}\n`;
}

// The rows of a saved file, of either kind. Throws an Error with a sentence.
export function reopened(text) {
  const at = text.indexOf(MARK);
  if (at >= 0)
    return checked(
      parsed(text.slice(at + MARK.length, text.indexOf("</script>", at)), "the rows in this page"),
    );
  const [head, ...lines] = text.split("\n").filter(Boolean);
  const first = parsed(head ?? "", "line 1");
  if (first?.capture !== "socketlab" || first.version !== 1)
    throw new Error("This is no capture of SocketLab: its first line says something else.");
  return checked(
    lines.map((line, n) => {
      const found = parsed(line, `line ${n + 2}`);
      return found.row ?? bare(found);
    }),
  );
}

// A capture that the command line saved has bytes and no layers; reading them is the work of
// python -m socketlab.wiretap.
function bare({ n, at, connection, up, kind, offset, hex, blanked, truncated }) {
  const size = (hex?.length ?? 0) / 2;
  return {
    n,
    at,
    connection,
    up,
    transport: kind === "frame" ? "websocket" : "http",
    hex,
    size: size + (truncated ?? 0),
    summary: `${kind}, ${size} bytes`,
    layers: [
      {
        layer: "tcp",
        summary: `bytes ${offset} to ${offset + size - 1}`,
        connection,
        offset,
        length: size,
        fields: [],
      },
    ],
    ...(blanked && { blanked }),
    ...(truncated && { truncated }),
  };
}

function parsed(text, where) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`This file cannot be read: ${where} is no JSON.`);
  }
}

function checked(rows) {
  const good = (row) =>
    row &&
    Number.isInteger(row.n) &&
    Number.isFinite(row.at) &&
    typeof row.up === "boolean" &&
    /^([0-9a-f]{2})*$/i.test(row.hex) &&
    typeof row.summary === "string" &&
    Array.isArray(row.layers) &&
    row.layers[0]?.layer === "tcp" &&
    row.layers.every((layer) => Array.isArray(layer.fields));
  if (!Array.isArray(rows) || !rows.every(good))
    throw new Error("This file cannot be read: a row in it is not whole.");
  return rows;
}

function download(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function fetched(path) {
  const answer = await fetch(new URL(path, import.meta.url));
  if (!answer.ok) throw new Error(`${path} could not be fetched (${answer.status}).`);
  return answer.text();
}

// Our modules as one plain script. Each becomes a function that runs once: its imports are constants, its
// exports a value in `modules`.
async function bundle() {
  const found = new Map(); // name -> code, each after those it imports
  for (const name of USED) await gather(name, found);
  const scripts = [...found].map(([name, code]) => asScript(name, code));
  return ["const modules = {};", ...scripts, START].join("\n");
}

const IMPORT = /^import \{([^}]*)\} from "\.\/([\w.]+)";$/gm;
const EXPORT = /^export (?:async )?(?:const|function|class) (\w+)/gm;

async function gather(name, found) {
  if (found.has(name)) return;
  const code = await fetched(name);
  for (const [, , from] of code.matchAll(IMPORT)) await gather(from, found);
  found.set(name, code);
}

function asScript(name, code) {
  const names = [...code.matchAll(EXPORT)].map(([, word]) => word);
  const body = code.replace(IMPORT, 'const {$1} = modules["$2"];').replace(/^export /gm, "");
  return `modules["${name}"] = (() => {\n${body}\nreturn { ${names.join(", ")} };\n})();`;
}

const escaped = (words) => words.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

const START = `
const rows = JSON.parse(document.getElementById("rows").textContent);
modules["wire.js"].mount(document.querySelector("[data-wire]"), modules["wirefeed.js"].stillFeed(rows));
const toScreen = () => document.querySelector(".paper")?.remove();
const toPaper = () => {
  if (document.querySelector(".paper")) return;
  const sheet = document.createElement("div");
  sheet.className = "paper";
  for (const row of rows) {
    const block = document.createElement("pre");
    block.textContent = modules["rows.js"].asText(row);
    sheet.append(block);
  }
  document.querySelector("main").append(sheet);
};
addEventListener("beforeprint", toPaper);
addEventListener("afterprint", toScreen);
matchMedia("print").addEventListener("change", ({ matches }) => (matches ? toPaper() : toScreen()));
`;

const LOOK = `
body { display: grid; min-block-size: 100vh; }
main { display: grid; grid-template: auto minmax(0, 1fr) / minmax(0, 1fr); gap: 1rem; block-size: 100vh;
  padding: 1rem clamp(.6rem, 2vw, 2rem); }
header h1 { font-size: 1.4rem; }
.wire { border: 1px solid var(--color-rule); border-radius: var(--radius); overflow: hidden; }
.paper { display: none; }
@media print {
  body, main { display: block; block-size: auto; }
  .wire { display: none; }
  .paper { display: block; }
  .paper pre { break-inside: avoid; margin-block: .6rem; padding: 0 0 .6rem; border: 0; background: none;
    border-block-end: 1px solid #888; font-size: 7.5pt; white-space: pre-wrap; overflow-wrap: anywhere; }
}
`;
