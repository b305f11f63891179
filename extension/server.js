// Talk to `unframe label` on this computer.

/** Thrown when the server cannot be reached, or cannot work just now. */
export class Offline extends Error {}
/** Thrown when no server was named, or the one that answers does not know the token. */
export class Unpaired extends Error {}
/** Thrown when the server will never take what was sent. */
export class Refused extends Error {}

/** Origin and token of an address as `unframe label` prints it; null when it is none. */
export function parse(address) {
  try {
    const { protocol, hostname, port, searchParams } = new URL(address.trim());
    const token = searchParams.get("token");
    if (protocol !== "http:" || !["127.0.0.1", "localhost"].includes(hostname) || !token) return null;
    return { origin: `http://127.0.0.1:${port || 80}`, token };
  } catch {
    return null;
  }
}

async function ask({ origin, token }, path, body) {
  const options = { headers: { Authorization: `Bearer ${token}` }, cache: "no-store", credentials: "omit" };
  let answer;
  try {
    answer = await fetch(origin + path, body === undefined ? options : { ...options, method: "POST", body });
  } catch {
    throw new Offline("unframe label does not run");
  }
  if (answer.ok) return answer.json();
  if (answer.status === 403) throw new Unpaired("unframe label runs with other labels; pair it again");
  const text = await answer.text();
  let message = text;
  try { ({ message } = JSON.parse(text)); } catch { /* not every refusal is JSON */ }
  if (answer.status >= 500) throw new Offline(message);
  throw new Refused(message || `the server answered ${answer.status}`);
}

/** Remember a server once it has answered; gives what it says about itself. */
export async function pair(address) {
  const server = parse(address);
  if (!server) throw new Unpaired("This is not the address that unframe label prints.");
  const facts = await ask(server, "/api/hello");
  await chrome.storage.local.set({ server });
  return facts;
}

async function known() {
  const { server } = await chrome.storage.local.get("server");
  if (!server) throw new Unpaired("not paired yet");
  return server;
}

export const hello = async () => ask(await known(), "/api/hello");

/** What the detector says about a picture, and its label if it has one. */
export const judge = async (blob) => ask(await known(), "/api/judge", blob);

export async function send({ act, label, page, address, blob }) {
  const query = new URLSearchParams({ act, label, page: page.slice(0, 2000), address: address.slice(0, 2000) });
  return ask(await known(), `/api/inbox?${query}`, blob);
}
