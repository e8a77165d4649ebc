// fails one_connection: ended before you were in
const auth = { seat: SEAT, exercise: "namespaces" };
const sockets = ["/exercise", "/kitchen", "/tables", "/manager"].map((name) => io(name, { auth }));
const [exercise, , , manager] = sockets;

exercise.once("asked", ({ code }) => {
  manager.auth = { seat: SEAT, code };
  for (const socket of sockets) socket.disconnect();
  for (const socket of sockets) socket.connect(); // "to be sure"
});
