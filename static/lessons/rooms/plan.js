// Where rooms and sockets go on the map. Pure: memberships and a size in, positions out.
//
// One rule before all others: a dot lies in exactly the outlines of its rooms. Up to three rooms
// are overlapping ellipses; every place offered to a dot is tested against every ellipse. Where the
// dots do not fit, or with four to six rooms, the rooms are lanes and a socket is a column with one
// linked mark in each of its lanes, which is true for any memberships.

export const MOST_ROOMS = 6;
export const MOST_DOTS = 60;
export const letter = (slot) => String.fromCharCode(65 + slot);
export const TYPE = { rooms: 15, names: 12.5, strip: 13 }; // px: of rooms, of sockets, and below the rooms
const RADII = [17, 15, 12]; // px, of dots with their names
const SMALL = [
  { r: 10, w: 28, h: 28 },
  { r: 7, w: 19, h: 19 },
  { r: 5, w: 14, h: 14 },
]; // and without: what lies apart by w or by h does not touch
const SHARES = [0.22, 0.32, 0.44, 0.55];
const OVERLAPS = {
  2: [[0.32], [0.44], [0.55], [0.65]],
  3: SHARES.flatMap((a) => SHARES.map((b) => [a, b]))
    .filter(([a, b]) => a + b < 0.95)
    .sort((a, b) => uneven(a) - uneven(b)),
};
const FINE = 7; // px between the places that are tried
const LETTER = 0.52; // width of a letter, about, by its height

// What the size of the type makes of the map: room for the names of the rooms (top), for sockets in none (strip,
// whose first stands at start), and how large dots are with their names: clear of every outline if there is
// room for that, else at least the dots.
function measures(type) {
  const named = (r) => ({
    r,
    w: Math.max(2 * r + 16, 5.3 * type.names),
    h: 2 * r + 1.9 * type.names,
    names: true,
  });
  const sizes = RADII.map(named);
  return {
    type,
    top: 2 * type.rooms,
    strip: 2 * RADII[0] + 1.3 * type.names + 8,
    start: 20 + 6.2 * type.strip,
    sizes: [...sizes.map((size) => ({ ...size, clear: true })), ...sizes, ...SMALL],
    chars: (width) => Math.floor(width / (LETTER * type.names)),
  };
}

function uneven(shares) {
  return shares.reduce((sum, share) => sum + Math.abs(share - 0.32), 0);
}

// rooms: names in the order of their letters; sockets: [{sid, rooms: [name, …], mine}].
// type: as TYPE, of the page.
// → {kind, rooms: [{name, …outline, label}], dots: Map(sid → [{x, y, room?}]), r, names, chars, strip, hidden,
//    outsideR, outsideChars, at(x, y) → names}
export function plan(rooms, sockets, width, height, before, type = TYPE) {
  const shown = sockets.length > MOST_DOTS ? fair(sockets) : sockets;
  const sizes = measures(type);
  const bottom = height - sizes.strip;
  const rest = { width, height, strip: bottom, hidden: sockets.length - shown.length };
  const laid = rooms.length <= 3 && ellipses(rooms, shown, { width, bottom, ...sizes }, before);
  const base = laid || lanes(rooms, shown, { width, bottom, ...sizes });
  const roomless = shown.filter((socket) => !socket.rooms.length);
  outside(base, roomless, { width, bottom, ...sizes });
  return { ...base, ...rest };
}

// Of too many sockets some: one's own, and then in turn one of each combination of rooms.
function fair(sockets) {
  const shown = sockets.filter((socket) => socket.mine);
  const groups = new Map();
  for (const socket of sockets) {
    const key = socket.rooms.join("\n");
    if (!socket.mine) groups.set(key, [...(groups.get(key) ?? []), socket]);
  }
  for (let at = 0; shown.length < MOST_DOTS && groups.size; at++) {
    for (const [key, group] of groups) {
      if (at < group.length && shown.length < MOST_DOTS) shown.push(group[at]);
      if (at >= group.length) groups.delete(key);
    }
  }
  return shown;
}

// Ellipses, as large dots as fit, first with little overlap. null where nothing fits.
function ellipses(rooms, sockets, sizes, before) {
  const none = { kind: "none", rooms: [], dots: new Map(), r: RADII[0], names: true, at: () => [] };
  if (!rooms.length) return { ...none, chars: 8 };
  const { width, bottom, top, type } = sizes;
  const inRooms = sockets.filter((socket) => socket.rooms.length);
  const wanted = signatures(rooms, inRooms);
  const needed = new Map(); // signature → how many dots want a place there
  for (const signature of wanted.values()) needed.set(signature, (needed.get(signature) ?? 0) + 1);
  for (const size of sizes.sizes) {
    if (inRooms.length * size.w * size.h > width * (bottom - top)) continue; // not even without outlines
    for (const [form, ovals] of forms(rooms.length, sizes, needed)) {
      const key = `${rooms.length} ${form} ${size.r} ${width} ${bottom} ${type.names}`;
      const places = free(key, ovals, size, sizes, size.clear);
      if (tooFew(places, needed, size)) continue;
      const dots = place(wanted, places, size, before?.key === key ? before.dots : new Map());
      if (dots) return { key, dots, chars: sizes.chars(size.w), ...arrangement(rooms, ovals, size) };
    }
  }
  return null;
}

// sid → the rooms of that socket as bits: 5 is the first and the third.
function signatures(rooms, sockets) {
  const bit = new Map(rooms.map((name, at) => [name, 1 << at]));
  const bits = (names) => names.reduce((sum, name) => sum | (bit.get(name) ?? 0), 0);
  return new Map(sockets.map((socket) => [socket.sid, bits(socket.rooms)]));
}

// A quick look before the exact one: whether some region is clearly too small for its dots.
function tooFew(places, needed, { w, h }) {
  const fit = (signature) => ((places.get(signature)?.length ?? 0) * FINE * FINE) / (w * h);
  return [...needed].some(([signature, count]) => count > 1.5 * fit(signature) + 2);
}

function arrangement(rooms, ovals, { r, names }) {
  const outlines = ovals.map((oval, at) => ({ name: rooms[at], ...oval }));
  return {
    kind: "ellipses",
    rooms: outlines,
    r,
    names: Boolean(names),
    at: (x, y) => outlines.filter((oval) => inside(oval, x, y, 0)).map((oval) => oval.name),
  };
}

// The arrangements to try, each with a name: [["row 30", [{cx, cy, rx, ry, label}, …]], …].
function* forms(count, { width, bottom, top, type }, needed) {
  const [cy, ry, all] = [(top + bottom) / 2, (bottom - top) / 2 - 4, width - 12];
  // The names stand over the outer ends, so that neighbours do not touch.
  const above = (oval, side = 0) => ({
    ...oval,
    label: { x: oval.cx + 0.35 * oval.rx * side, y: oval.cy - oval.ry - 0.6 * type.rooms },
  });
  if (count === 1) return yield ["one", [above({ cx: width / 2, cy, rx: Math.min(all / 2, ry * 2.2), ry })]];
  // In a row neighbours overlap, each pair as much as its members need; of three, the ends do not.
  const ends = [...needed.keys()].some((signature) => (signature & 5) === 5);
  for (const overlaps of ends ? [] : OVERLAPS[count]) {
    const rx = all / 2 / overlaps.reduce((sum, overlap) => sum - overlap, count);
    const ovals = [];
    let cx = 6 + rx;
    for (let at = 0; at < count; at++) {
      if (at) cx += 2 * rx * (1 - overlaps[at - 1]);
      ovals.push(above({ cx, cy, rx, ry }, Math.sign(2 * at - count + 1)));
    }
    yield [`row ${overlaps}`, ovals];
  }
  if (count === 2) return;
  const [rx, small] = [all * 0.345, (bottom - top - 14) * 0.36];
  const low = { cx: width / 2, cy: bottom - 1.2 * type.rooms - small, rx, ry: small };
  yield [
    "three",
    [
      above({ cx: 6 + rx, cy: top + small, rx, ry: small }),
      above({ cx: width - 6 - rx, cy: top + small, rx, ry: small }),
      { ...low, label: { x: low.cx, y: low.cy + small + type.rooms } },
    ],
  ];
}

const inside = ({ cx, cy, rx, ry }, x, y, margin) =>
  ((x - cx) / (rx - margin)) ** 2 + ((y - cy) / (ry - margin)) ** 2 <= 1;

// Whether the outline runs through the name below a dot at x, y: the point of it nearest to the middle is within,
// the farthest is not.
function crosses(oval, x, y, { half, from, to }) {
  const ends = (middle, low, high) => {
    const near = Math.max(low, Math.min(middle, high));
    return [near, high - middle > middle - low ? high : low];
  };
  const [nearX, farX] = ends(oval.cx, x - half, x + half);
  const [nearY, farY] = ends(oval.cy, y + from, y + to);
  return inside(oval, nearX, nearY, -2) && !inside(oval, farX, farY, 2);
}

// Places that lie clearly within or clearly without each ellipse: signature → [{x, y, clear}], from the middle
// of each region outwards; clear: no outline runs through the name there. The last answers are kept.
const known = new Map();
function free(key, ovals, size, sizes, clear) {
  if (!known.has(key)) known.set(key, search(ovals, size, sizes));
  if (known.size > 40) known.delete(known.keys().next().value);
  const found = known.get(key);
  if (!clear) return found;
  return new Map([...found].map(([signature, places]) => [signature, places.filter((place) => place.clear)]));
}

function search(ovals, { r, w, names }, { width, bottom, top, type }) {
  const found = new Map();
  const margin = r + 6;
  const shift = names ? 0.64 * type.names : 0; // the name under the dot belongs to it
  const name = { half: w / 2 - 4, from: r + 3, to: r + 3 + 1.3 * type.names }; // as the map writes it
  for (let y = top + r; y < bottom - r - 2 * shift; y += FINE) {
    for (let x = r + 8; x < width - r - 8; x += FINE) {
      let signature = 0;
      const fits = ovals.every((oval, at) => {
        if (!inside(oval, x, y + shift, -margin)) return true;
        signature |= 1 << at;
        return inside(oval, x, y + shift, margin) && inside(oval, x, y, r + 4);
      });
      if (!fits || !signature) continue;
      if (!found.has(signature)) found.set(signature, []);
      const clear = !ovals.some((oval) => crosses(oval, x, y, name));
      found.get(signature).push({ x, y, clear });
    }
  }
  for (const places of found.values()) {
    const [mx, my] = ["x", "y"].map(
      (axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length,
    );
    places.sort((a, b) => Math.hypot(a.x - mx, a.y - my) - Math.hypot(b.x - mx, b.y - my));
  }
  return found;
}

// Gives every dot its place. Who has one that is still right keeps it; the others take free ones, so far from
// each other that two dots with their names do not touch. null where not all find a place.
function place(wanted, places, { w, h }, before) {
  const taken = [];
  const apart = (place) =>
    taken.every(({ x, y }) => Math.abs(x - place.x) >= w || Math.abs(y - place.y) >= h);
  const dots = new Map();
  const put = (sid, place) => taken.push(place) && dots.set(sid, [place]);
  for (const [sid, signature] of wanted) {
    const [old] = before.get(sid) ?? [];
    if (old && places.get(signature).some(({ x, y }) => x === old.x && y === old.y) && apart(old))
      put(sid, old);
  }
  const next = new Map();
  for (const [sid, signature] of wanted) {
    if (dots.has(sid)) continue;
    const list = places.get(signature) ?? [];
    let at = next.get(signature) ?? 0;
    while (at < list.length && !apart(list[at])) at++;
    if (at === list.length) return null;
    next.set(signature, at + 1);
    put(sid, list[at]);
  }
  return dots;
}

// Lanes: a row for each room, a column for each socket, a mark where they meet.
function lanes(rooms, sockets, { width, bottom, type, chars }) {
  const gutter = Math.min(10 * type.rooms, width * 0.36);
  const tall = (bottom - 6) / rooms.length;
  const inRooms = sockets.filter((socket) => socket.rooms.length);
  const most = 5.1 * type.names; // px between two columns
  const step = Math.min(most, (width - gutter - 8) / Math.max(1, inRooms.length));
  const r = Math.max(3, Math.min(15, step * 0.34, tall * 0.3));
  const names = step >= 0.72 * most && tall >= 2 * r + 1.6 * type.names;
  const outlines = rooms.map((name, at) => lane(name, 4 + at * tall, width - 4, tall - 6, gutter - 20));
  const dots = new Map();
  for (const [column, { sid, rooms: mine }] of byRooms(rooms, inRooms).entries()) {
    const x = gutter + (column + 0.5) * step;
    const mark = ({ name, y, height }) => ({ room: name, x, y: y + height / 2 - (names ? 6 : 0) });
    dots.set(sid, outlines.filter(({ name }) => mine.includes(name)).map(mark));
  }
  const at = (_x, y) =>
    outlines.filter((lane) => y >= lane.y && y <= lane.y + lane.height).map((lane) => lane.name);
  return { kind: "lanes", key: "lanes", rooms: outlines, dots, r, names, chars: chars(step), at };
}

function lane(name, y, width, height, room) {
  return { name, x: 2, y, width, height, label: { x: 12, y: y + height / 2 + 5, start: true, room } };
}

// Sockets of the first rooms first, those with the same rooms side by side.
function byRooms(rooms, sockets) {
  const mask = (mine) =>
    rooms.reduce((sum, name, at) => sum + (mine.includes(name) ? 1 << (rooms.length - at) : 0), 0);
  return [...sockets].sort((a, b) => mask(b.rooms) - mask(a.rooms));
}

// Sockets in no room stand in a row under the rooms, with their names.
function outside(base, sockets, { width, bottom, start, strip, type }) {
  const step = Math.min(5.3 * type.names, (width - start - 10) / Math.max(1, sockets.length));
  const r = Math.min(base.kind === "none" ? RADII[0] : Math.max(base.r, 12), step * 0.4);
  base.outsideR = Math.max(3, r);
  base.outsideChars = Math.min(base.chars, Math.floor((step - 4) / (LETTER * type.names)));
  const y = bottom + (strip - 1.3 * type.names) / 2;
  for (const [at, { sid }] of sockets.entries()) base.dots.set(sid, [{ x: start + (at + 0.5) * step, y }]);
}
