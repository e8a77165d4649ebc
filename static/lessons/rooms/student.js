// What a page of this lesson does when it opens, for the robots of a rehearsal: everybody is in hall, half in lab.

export function arrive(socket, k) {
  socket.emit("join", { room: "hall" });
  if (k % 2) socket.emit("join", { room: "lab" });
}
