// A picture given as shapes, [tag, attributes, text], drawn over the one that is there.

import { drawn } from "./dom.js";
import { change, write } from "./redraw.js";

// The shapes become the children of home; a node of the same kind in the same place is used again.
export function paint(home, shapes) {
  shapes.forEach(([tag, attributes, text], n) => {
    const there = home.children[n];
    const node = there?.tagName === tag ? there : drawn(tag);
    if (node !== there) {
      if (there) there.replaceWith(node);
      else home.append(node);
    }
    const gone = node.getAttributeNames().filter((name) => !(name in attributes) && name !== "data-selected");
    change(node, { ...Object.fromEntries(gone.map((name) => [name, null])), ...attributes });
    if (text !== undefined) write(node, text);
  });
  while (home.children.length > shapes.length) home.lastChild.remove();
}
