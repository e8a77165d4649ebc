// Draws anew without making anew: twenty events a second change most of the page, and nearly all of its nodes
// can stay. A shape is [tag, attributes, ...children]; a child is a shape, a text, or null. Pure modules make
// the shapes.

const SVG = "http://www.w3.org/2000/svg";
const drawn = new WeakMap(); // root → its nodes by key

// shapes: Map of key → shape, in order. The node of a key is kept, and only what differs in it is set.
export function redraw(root, shapes) {
  const before = drawn.get(root) ?? new Map();
  const nodes = new Map();
  for (const [key, shape] of shapes) nodes.set(key, like(before.get(key), shape, root.namespaceURI));
  drawn.set(root, nodes);
  const wanted = new Set(nodes.values());
  for (const node of [...root.childNodes]) if (!wanted.has(node)) node.remove();
  let next = root.firstChild;
  for (const node of wanted) {
    if (node === next) next = next.nextSibling;
    else root.insertBefore(node, next);
  }
}

// The old node made like the shape, or a new one where the tag is another.
function like(old, [tag, attributes, ...children], namespace) {
  const space = tag === "svg" ? SVG : namespace;
  const node = old?.localName === tag ? old : document.createElementNS(space, tag);
  const isSame = node.getAttribute("data-run") === String(attributes["data-run"]); // then it stays selected
  for (const name of node.getAttributeNames()) {
    if (!(name in attributes || (isSame && name === "data-selected"))) node.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
  const wanted = children.filter((child) => child !== null);
  for (const [at, child] of wanted.entries()) setChild(node, node.childNodes[at], child, space);
  while (node.childNodes.length > wanted.length) node.lastChild.remove();
  return node;
}

function setChild(parent, old, child, namespace) {
  if (typeof child === "string" && old?.nodeType === Node.TEXT_NODE) {
    if (old.data !== child) old.data = child;
    return;
  }
  const node = typeof child === "string" ? document.createTextNode(child) : like(old, child, namespace);
  if (!old) parent.append(node);
  else if (old !== node) old.replaceWith(node);
}
