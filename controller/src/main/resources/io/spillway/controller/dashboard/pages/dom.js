// Elements from code. Text is always a text node: nothing that comes from a room, a file or a node can become markup.
const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  put(node, children);
  return node;
}

export function put(node, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function show(node, ...children) {
  node.replaceChildren();
  return put(node, children);
}

/** Says a sentence to screen readers; sparingly. */
export function say(sentence) {
  document.getElementById('said').textContent = sentence;
}

const SHAPES = {
  ring: () => s('circle', { cx: 8, cy: 8, r: 5, fill: 'none', stroke: 'currentColor', 'stroke-width': 2 }),
  dot: () => s('circle', { cx: 8, cy: 8, r: 5.5, fill: 'currentColor' }),
  half: () => [SHAPES.ring(), s('path', { d: 'M8 3a5 5 0 0 1 0 10z', fill: 'currentColor' })],
  tick: () => s('path', { d: 'M3 8.5l3.4 3.4L13 4.8', fill: 'none', stroke: 'currentColor', 'stroke-width': 2.2 }),
  cross: () => s('path', { d: 'M4 4l8 8M12 4l-8 8', fill: 'none', stroke: 'currentColor', 'stroke-width': 2.2 }),
  dash: () => s('path', { d: 'M3.5 8h9', fill: 'none', stroke: 'currentColor', 'stroke-width': 2.2 }),
  warn: () => s('path', { d: 'M8 2.2L14.6 13.6H1.4z M8 6.2v3.4M8 11.2v1', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.6, 'stroke-linejoin': 'round' }),
};

/** A small sign beside a word; the word carries the meaning. */
export function sign(shape) {
  return s('svg', { viewBox: '0 0 16 16', width: 14, height: 14, 'aria-hidden': 'true', class: 'sign' }, SHAPES[shape]());
}

export function badge(tone, shape, word) {
  return h('span', { class: `badge ${tone}` }, sign(shape), word);
}

const STATUS = {
  starting: ['busy', 'ring', 'starting'],
  active: ['live', 'dot', 'recording'],
  ending: ['busy', 'half', 'ending'],
  complete: ['ok', 'tick', 'complete'],
  failed: ['bad', 'cross', 'failed'],
  aborted: ['quiet', 'dash', 'aborted'],
  limit_reached: ['warn', 'warn', 'limit reached'],
};

export function statusBadge(status) {
  const [tone, shape, word] = STATUS[status] || ['quiet', 'dash', status || 'unknown'];
  return badge(tone, shape, word);
}

export function statusWord(status) {
  return (STATUS[status] || [0, 0, status])[2];
}

const HEALTH = {
  healthy: ['ok', 'tick'], suspect: ['warn', 'warn'], wedged: ['bad', 'cross'], draining: ['busy', 'half'], gone: ['bad', 'dash'],
};

export function healthBadge(health) {
  const [tone, shape] = HEALTH[health] || ['quiet', 'dash'];
  return badge(tone, shape, health);
}

/** How full something is, 0 to 1, as a bar with its figure. */
export function meter(share, label) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  const tone = percent >= 90 ? 'bad' : percent >= 75 ? 'warn' : '';
  return h('span', { class: `meter ${tone}` },
    h('meter', { min: 0, max: 100, low: 75, high: 90, optimum: 0, value: percent, 'aria-label': label }),
    h('span', { class: 'number' }, `${Math.round(share * 100)} %`));
}

/** What a list shows while it has nothing to show: what it is for and how to fill it. */
export function empty(title, ...lines) {
  return h('div', { class: 'empty' }, h('p', { class: 'strong' }, title), lines);
}

export function command(text) {
  return h('code', { class: 'command' }, text);
}
