// The sockets of this page as columns under the server: up on the left rail, down on the right one.

import { count, element, icon } from "../../lib/dom.js";

const HOLD = 3000; // ms that a dot stays lit; hearing again within that time only extends it
const MOST = 8; // robots a page may have

export function stage(root, lab) {
  const list = root.querySelector("[data-sockets]");
  const said = root.querySelector("[data-said]");
  const columns = new Map([["you", dress(list.firstElementChild)]]);
  const timers = new Map();
  const robots = new Map();
  const rows = lab.table("Waves", [
    "Wave",
    "From",
    "Text",
    "Addressed by the server",
    "Confirmed on this page",
  ]);
  let wave = null; // the last one sent from here: {n, text, addressed, here: keys that heard it}
  let heard = 0;

  const say = (kind, ...parts) => {
    said.dataset.kind = kind;
    said.replaceChildren(...parts);
    lab.announce(said.textContent);
  };
  const light = (key, direction) => {
    const [column, name, attribute] = [columns.get(key), key + direction, `data-${direction}`];
    column?.removeAttribute(attribute);
    void column?.offsetWidth; // so that the arrow is drawn anew
    column?.setAttribute(attribute, "");
    clearTimeout(timers.get(name));
    timers.set(
      name,
      setTimeout(() => column?.removeAttribute(attribute), HOLD),
    );
  };
  const add = (key, kind, name, inside) => {
    const dot = element("i", { class: "dot" }, inside);
    const rails = element("span", { class: "rails", "aria-hidden": "true" });
    const column = element(
      "li",
      { [`data-${kind}`]: true },
      rails,
      dot,
      element("span", { class: "name" }, name),
    );
    columns.set(key, inside ? column : dress(column));
    list.insertBefore(column, list.querySelector("[data-ghost]"));
  };
  const remove = (key) => {
    columns.get(key)?.remove();
    columns.delete(key);
  };
  // What the server says it addressed, beside what the handlers on this page confirmed.
  const compare = () => {
    if (!wave?.addressed) return;
    const machines = [...wave.here].filter((key) => key !== "you").length;
    const who = [wave.here.has("you") ? "you" : "", machines ? count(machines, "robot") : ""]
      .filter(Boolean)
      .join(" and ");
    const silent = wave.mine - wave.here.size;
    const elsewhere = Math.max(0, wave.addressed - wave.mine);
    remove("elsewhere");
    if (elsewhere) add("elsewhere", "ghost", "elsewhere", String(elsewhere));
    const parts = [`Addressed ${wave.addressed}`, `confirmed here ${wave.here.size}${who && ` (${who})`}`];
    if (silent > 0) parts.push(`${silent} silent so far`);
    if (elsewhere) parts.push(`${elsewhere} elsewhere`);
    say("", `${parts.join(", ")}.`);
    rows(`mine ${wave.n}`, [wave.n, "you", wave.text, wave.addressed, wave.here.size]);
  };

  const self = {
    // A handler of this page ran: key is the socket whose handler it was.
    heard(key, { sid, nick }, text) {
      light(key, "down");
      if (sid === lab.socket.id) {
        wave?.here.add(key);
        return compare();
      }
      if (key !== "you") return;
      rows(`other ${++heard}`, [heard, nick, text, "", "you"]);
      if (sid) return say("", element("bdi", {}, nick), " waves: ", element("q", {}, text));
      root.querySelector("[data-server-says]").textContent = text;
      say("first", "The server spoke first. You asked for nothing.");
    },
    async wave(text) {
      const mine = 1 + [...robots.values()].filter((robot) => robot.connected).length;
      wave = { text, mine, here: new Set(), addressed: 0 };
      if (lab.socket.connected) light("you", "up");
      const ack = await lab.ask("wave", { text });
      if (!ack.ok) return say("bad", ack.error);
      Object.assign(wave, { n: ++heard, addressed: ack.heard_by });
      compare();
    },
    addRobot(onWaved) {
      const k = Array.from({ length: MOST }, (_, at) => at + 1).find((n) => !robots.has(n));
      if (!k) return say("bad", `${MOST} robots are as many as one page may have.`);
      const robot = lab.robot(k);
      const key = `robot ${k}`;
      robots.set(k, robot);
      add(key, "robot", key);
      robot.on("waved", ({ who, text }) => onWaved(key, who, text));
      robot.on("connect", () => columns.get(key)?.setAttribute("data-on", ""));
      robot.on("disconnect", () => columns.get(key)?.removeAttribute("data-on"));
      robot.on("connect_error", (error) => {
        if (robot.active) return; // the network: it tries again by itself
        self.removeRobot(k);
        say("bad", `The server refused the robot: ${error.message}.`);
      });
      say("", "A robot is one more real socket, opened by this page.");
    },
    removeRobot(k = Math.max(...robots.keys())) {
      if (!robots.has(k)) return say("bad", "There is no robot to remove.");
      robots.get(k).disconnect();
      robots.delete(k);
      remove(`robot ${k}`);
    },
    clear: () => robots.forEach((robot) => robot.disconnect()),
  };
  return self;
}

function dress(column) {
  column.querySelector(".rails").append(element("i"), element("i"));
  column.querySelector(".dot").append(icon("tick"));
  return column;
}
