// Drawing again what is there already: only what differs is touched, and no node is made anew.

export function change(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const wanted = value === null || value === false ? null : value === true ? "" : String(value);
    if (node.getAttribute(name) === wanted) continue;
    if (wanted === null) node.removeAttribute(name);
    else node.setAttribute(name, wanted);
  }
}

// For nodes that hold one text and nothing else.
export function write(node, text) {
  if (node.textContent === text) return;
  if (node.firstChild) node.firstChild.data = text;
  else node.append(text);
}

// Makes these the children of home, in this order. Those that stay are not moved, so they keep the focus.
export function arrange(home, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...home.childNodes]) if (!wanted.has(node)) node.remove();
  let next = home.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else home.insertBefore(node, next);
  }
}
