// The controller's stream of events. The browser comes again by itself with the id of its last event; when the
// controller turns it away for good (too many, signed out, restarting) we come again after a while.
const AGAIN_MILLIS = 5000;
const NAMES = ['egress', 'overview', 'nodes', 'webhooks', 'progress', 'reset'];

const hearers = new Map();
let source = null;
let timer = 0;
let tellState = () => {};
const last = new Map();

export function on(name, hearer) {
  if (!hearers.has(name)) hearers.set(name, new Set());
  hearers.get(name).add(hearer);
  return () => hearers.get(name).delete(hearer);
}

/** The newest of an event that carries a whole state, or nothing. */
export function latest(name) {
  return last.get(name);
}

export function open(onState) {
  tellState = onState;
  connect();
}

function connect() {
  close();
  tellState('connecting');
  source = new EventSource('api/live');
  source.addEventListener('open', () => tellState('live'));
  source.addEventListener('hello', () => tell('hello', {}));
  for (const name of NAMES) {
    source.addEventListener(name, (event) => {
      const data = JSON.parse(event.data);
      last.set(name, data);
      tell(name, data);
    });
  }
  source.addEventListener('error', () => {
    tellState('lost');
    if (source && source.readyState === EventSource.CLOSED) {
      timer = setTimeout(() => {
        document.dispatchEvent(new Event('session-check'));
        connect();
        tell('reset', {});
      }, AGAIN_MILLIS);
    }
  });
}

function tell(name, data) {
  for (const hearer of hearers.get(name) || []) hearer(data);
}

export function close() {
  clearTimeout(timer);
  if (source) source.close();
  source = null;
}
