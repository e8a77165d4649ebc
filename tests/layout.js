// What a reader would trip over, read off the layout of the page as it is drawn. Each rule returns sentences;
// none is good. Used by tests/test_layout.py, which sets size, theme and state.

const BENCH = ".top, .panel, .tabs, .exercise > :not(.drawer)";
const whole = () => document.querySelector(".panel, .exercise");
const TARGETS =
  "button, select, textarea, input, summary, a[href], [role=button], [role=checkbox], [tabindex='0']";
const SLACK = 1.5; // px that two boxes may share, or that may be missing
const LEAST_TYPE = 20; // px in the projector theme
const OUTCOME = [
  "The server sent 14 events; your page handled 13 of them, 8 live and 5 replayed.",
  "Its twin without a buffer handled 8 of 14: nobody kept the others for it.",
  "Asked 12 times, 4 of the answers were empty; 9,214 bytes in all.",
];

const words = (text) => `“${text.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
const isDrawn = (node) =>
  node.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) &&
  !node.closest(".hidden, .sprite, [aria-hidden=true].hidden");

function name(node) {
  const label = node.getAttribute("aria-label") || node.textContent.trim() || node.name || node.id;
  return `${node.tagName.toLowerCase()} ${words(label || node.getAttribute("class") || "")}`;
}

// The part of a box that no scrolling ancestor cuts off; null where nothing is left.
function visiblePart(box, node) {
  let { left, top, right, bottom } = box;
  for (let home = node.parentElement; home; home = home.parentElement) {
    const { overflowX, overflowY } = getComputedStyle(home);
    if (overflowX === "visible" && overflowY === "visible") continue;
    const clip = home.getBoundingClientRect();
    [left, right] = [Math.max(left, clip.left), Math.min(right, clip.right)];
    [top, bottom] = [Math.max(top, clip.top), Math.min(bottom, clip.bottom)];
  }
  for (const bar of document.querySelectorAll(".top, .tabs, .runs")) {
    if (bar.contains(node) || getComputedStyle(bar).position === "static") continue; // it lies over what is scrolled
    const edge = bar.getBoundingClientRect();
    if (edge.top > innerHeight / 2) bottom = Math.min(bottom, edge.top);
    else top = Math.max(top, edge.bottom);
  }
  return right - left > SLACK && bottom - top > SLACK ? { left, top, right, bottom } : null;
}

// Every line of text in sight: {text, node, left, top, right, bottom}, without the room between lines.
function labels() {
  const found = [];
  for (const home of document.querySelectorAll(BENCH)) {
    const texts = document.createTreeWalker(home, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { currentNode: text } = texts;
      const { parentElement: node } = text;
      if (!text.data.trim() || node.closest("title, desc, script, option") || !isDrawn(node)) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const line of range.getClientRects()) {
        const part = visiblePart(line, text);
        const lead = (line.height * 0.4) / 2;
        if (part)
          found.push({ text: text.data, node, ...part, top: part.top + lead, bottom: part.bottom - lead });
      }
    }
  }
  return found;
}

export function overlaps() {
  const all = labels().sort((a, b) => a.left - b.left);
  const found = new Set();
  all.forEach((one, at) => {
    for (const other of all.slice(at + 1)) {
      if (other.left >= one.right - SLACK) break;
      const shared = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (one.node === other.node || shared <= SLACK) continue;
      found.add(`${words(one.text)} lies on ${words(other.text)}`);
    }
  });
  return [...found];
}

// A target is what is pressed: for a box to tick that has a label, the label around it.
function targets() {
  const inSight = [...document.querySelectorAll(BENCH)].flatMap((home) => [
    ...home.querySelectorAll(TARGETS),
  ]);
  return inSight.filter(
    (node) =>
      isDrawn(node) && getComputedStyle(node).pointerEvents !== "none" && node.getClientRects().length,
  );
}

const EDGE = "edge";

// What stands over the middle of a target, as far as that is in sight; null if nothing does.
function whatCovers(node) {
  const box = visiblePart(node.getBoundingClientRect(), node);
  if (!box) return null;
  const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  const isIt = top && (node.contains(top) || top.closest("label")?.contains(node) || top.contains(node));
  return isIt ? null : (top ?? EDGE);
}

function isSticky(node) {
  for (let one = node === EDGE ? null : node; one; one = one.parentElement) {
    if (getComputedStyle(one).position === "sticky") return true;
  }
  return false;
}

export function covered() {
  const panel = whole();
  const isPanels = (node) => panel.matches(".panel") && panel.contains(node);
  const found = [];
  for (const node of targets()) {
    const { top: y, bottom } = node.getBoundingClientRect();
    if (y < 0 || bottom > innerHeight || isPanels(node))
      node.scrollIntoView({ block: "center", behavior: "instant" });
    let over = whatCovers(node);
    if (over && isSticky(over)) {
      node.scrollIntoView({ block: "center", behavior: "instant" }); // out from under a bar that stays
      over = whatCovers(node);
    }
    if (over) found.push(`${name(node)} lies under ${over === EDGE ? "the edge" : name(over)}`);
  }
  for (const one of [panel, ...panel.children]) one.scrollTop = 0;
  scrollTo(0, 0);
  return found;
}

export function small(least) {
  const found = [];
  for (const node of targets()) {
    if (node.matches("a") && getComputedStyle(node).display === "inline") continue; // a word of a sentence
    if (node.matches("pre, .scroll, [role=region], [role=tabpanel], svg:not([role=button])")) continue;
    const { width, height } = (node.closest("label") ?? node).getBoundingClientRect();
    const size = `${Math.round(width)}×${Math.round(height)}`;
    if (width < least - SLACK || height < least - SLACK) found.push(`${name(node)} is ${size} px`);
  }
  return found;
}

export function tiny() {
  const found = new Set();
  for (const { text, node } of labels()) {
    const svg = node.closest("svg");
    const scale = svg ? Math.hypot(node.getScreenCTM().a, node.getScreenCTM().b) : 1;
    const size = Number.parseFloat(getComputedStyle(node).fontSize) * scale;
    if (size < LEAST_TYPE - 0.2) found.add(`${words(text)} is ${size.toFixed(1)} px`);
  }
  return [...found];
}

// What must be in sight without scrolling: the picture, the main buttons, the Run button and its outcome.
export function cutOff() {
  const panel = whole();
  panel.scrollTop = 0;
  const clip = panel.getBoundingClientRect();
  const parts = [...panel.querySelectorAll("[data-whole], .primary, .act")].filter(isDrawn);
  const found = parts.filter((node) => {
    const { top, bottom, left, right } = node.getBoundingClientRect();
    const inside = top >= clip.top - SLACK && bottom <= clip.bottom + SLACK;
    return !inside || left < clip.left - SLACK || right > clip.right + SLACK || bottom - top < 2;
  });
  return found.map((node) => {
    const { top, bottom } = node.getBoundingClientRect();
    const where = `from ${Math.round(top - clip.top)} to ${Math.round(bottom - clip.top)}`;
    return `${name(node)} stands ${where} of ${Math.round(clip.height)} px`;
  });
}

export const tooWide = () => {
  const wide = document.scrollingElement.scrollWidth - innerWidth;
  return wide > 0 ? [`the page is ${wide} px wider than the screen`] : [];
};

// Set the outcome of the first prediction, with sentences of the usual length.
export async function showOutcome(verdicts) {
  const [form, home] = ["[data-predict]", "[data-act]"].map((part) => document.querySelector(part));
  const { choice } = form.querySelector("[data-choice]:not([data-right])").dataset;
  const { reveal } = await import(verdicts);
  reveal({ form, box: home.querySelector("[data-outcome]"), locked: choice }, OUTCOME);
  home.dataset.state = "done";
}

// Drawn, with whatever a change of size sets off. What moves where it is not to be seen may never come to rest.
export const settled = async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let n = 0; n < 3; n++) await frame();
  const ends = ({ effect }) => effect.getTiming().iterations !== Infinity && effect.target.checkVisibility();
  const ending = document.getAnimations().filter((each) => each.effect?.target && ends(each));
  await Promise.all(ending.map((each) => each.finished.catch(() => 0)));
};
