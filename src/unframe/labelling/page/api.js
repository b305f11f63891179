// Talk to the server. Writes go out one after the other, in the order in which they were made.

let last = Promise.resolve();

async function ask(path, options) {
  const answer = await fetch(path, options);
  if (answer.ok) return answer.json();
  const text = await answer.text();
  let message = text;
  try { message = JSON.parse(text).message; } catch { /* not every refusal is JSON */ }
  throw new Error(message || `the server answered ${answer.status}`);
}

function write(path, body) {
  const sent = last.then(() => ask(path, { method: "POST", body: JSON.stringify(body) }));
  last = sent.catch(() => {}); // the next write is not held up by one that failed
  return sent;
}

export const hello = () => ask("/api/hello");
export const pairing = () => ask("/api/pairing");
export const first = () => ask("/api/state?first");
export const state = (after) => ask(`/api/state${after ? `?after=${after.join(",")}` : ""}`);
export const details = (id) => ask(`/api/pictures/${id}`);
export const boxes = (ids) => ask(`/api/boxes?ids=${ids.join(",")}`);
export const decide = (decisions, how) => write("/api/decisions", { decisions, how });
export const undo = () => write("/api/undo", {});
export const redo = () => write("/api/redo", {});
