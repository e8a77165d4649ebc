// Asks the server with one JSON object: its answer, or {ok: false, error: "a sentence"}.
export async function post(path, data) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(data) });
    return await answer.json();
  } catch {
    return { ok: false, error: "the server cannot be reached" };
  }
}
