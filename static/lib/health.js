// What /healthz says, as the cells of a table show it. Pure.

const MEGA = 1_000_000;

// shown(health, "memory.capture.bytes", "MB"): the text of one figure; "" for one that is not there.
export function shown(health, path, unit = "") {
  const value = path.split(".").reduce((inner, name) => inner?.[name], health);
  if (typeof value !== "number") return "";
  return unit === "MB" ? `${(value / MEGA).toFixed(1)} MB` : value.toLocaleString("en");
}
