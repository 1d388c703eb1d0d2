// Calls of the dashboard's own JSON. A refusal is an Error whose message is a sentence for people.
export class Refusal extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(`api/${path}`, {
      method,
      headers: { 'X-Spillway-Dashboard': '1', ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body ? JSON.stringify(body) : undefined,
      credentials: 'same-origin',
    });
  } catch {
    throw new Refusal(0, 'The controller does not answer. Recordings go on without it; this page tries again by itself.');
  }
  let answer = {};
  try { answer = await response.json(); } catch { /* no JSON: the status says enough */ }
  if (!response.ok) {
    if (response.status === 401 && path !== 'session') document.dispatchEvent(new Event('signed-out'));
    throw new Refusal(response.status, answer.error || `The controller answered with HTTP ${response.status}.`);
  }
  return answer;
}

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body || {});
export const del = (path) => call('DELETE', path);
