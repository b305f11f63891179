// Talk to the server that this page came from. Whoever judges elsewhere offers the same three functions.

const MOST_TRIES = 6;

export class JudgeError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Who judges: {model}. Waits until the server is ready. */
export async function about() {
  for (let tries = 1; ; tries += 1) {
    const answer = await send("/health/ready");
    if (answer.ok) return answer.json();
    if (answer.status !== 503 || tries === MOST_TRIES) throw await failure(answer);
    await pause(500 * tries);
  }
}

/** The record of a picture. */
export async function detect(blob, name) {
  const answer = await post(`/v1/detect?${new URLSearchParams({ name })}`, blob);
  return answer.json();
}

/** The record of a picture and the picture without its frame: cut to a box where a person has drawn one. */
export async function remove(blob, name, inner = null) {
  const asked = new URLSearchParams({ name });
  if (inner) asked.set("inner", inner.join(","));
  const answer = await post(`/v1/remove?${asked}`, blob);
  return { record: JSON.parse(answer.headers.get("Unframe-Record")), blob: await answer.blob() };
}

async function post(address, blob) {
  for (let tries = 1; ; tries += 1) {
    const answer = await send(address, { method: "POST", body: blob, headers: { "Content-Type": blob.type || "application/octet-stream" } });
    if (answer.ok) return answer;
    const wait = Number(answer.headers.get("Retry-After")); // the queue is full, or the server just starts
    if (!wait || tries === MOST_TRIES) throw await failure(answer);
    await pause(1000 * wait);
  }
}

async function send(address, options) {
  try {
    return await fetch(address, options);
  } catch {
    throw new JudgeError("unreachable", "the server does not answer; is it still running?");
  }
}

async function failure(answer) {
  try {
    const problem = await answer.json();
    return new JudgeError(problem.error, problem.detail);
  } catch {
    return new JudgeError("unreachable", `the server answered ${answer.status}`);
  }
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
