// Arrow keys within a box of options: one tab stop, the focus roams.

export function walk(event, from, columns = 1) {
  const step = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -Infinity,
    End: Infinity,
  }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return null;
  event.preventDefault();
  const all = [...from.closest("[role=listbox], ol").querySelectorAll("[tabindex]")].filter(
    (node) => !node.closest("[hidden]"),
  );
  const at = Math.min(all.length - 1, Math.max(0, all.indexOf(from) + step));
  from.tabIndex = -1;
  all[at].tabIndex = 0;
  all[at].focus();
  return all[at];
}
