import { h, show, empty, command, statusBadge } from './dom.js';
import { get } from './api.js';
import { ago, length, bytes, kind, KIND_NAMES } from './format.js';
import * as live from './live.js';

const STATUSES = [
  ['', 'Any status'], ['running', 'Running'], ['starting', 'Starting'], ['active', 'Recording'], ['ending', 'Ending'],
  ['complete', 'Complete'], ['failed', 'Failed'], ['aborted', 'Aborted'], ['limit_reached', 'Limit reached'],
];
const TYPE_WAIT_MILLIS = 250;
const ON_PAGE = 50;

export function egresses(context) {
  const { main, query } = context;
  const wish = { text: query.get('text') || '', status: query.get('status') || '', kind: query.get('kind') || '', room: query.get('room') || '' };
  const pages = [query.get('page_token') || '']; // tokens of the pages up to this one
  const body = h('tbody', {});
  const rows = new Map();
  const result = h('div', {});
  const count = h('p', { class: 'muted', role: 'status' });
  let asked = 0;

  async function read() {
    const mine = ++asked;
    const parameters = new URLSearchParams(Object.entries(wish).filter(([, value]) => value));
    const address = parameters.toString();
    history.replaceState(null, '', address ? `#/egresses?${address}` : '#/egresses');
    if (pages.at(-1)) parameters.set('page_token', pages.at(-1));
    try {
      const page = await get(`egresses?${parameters}`);
      if (mine === asked) draw(page);
    } catch (refused) {
      if (mine === asked) show(result, h('p', { class: 'problem' }, refused.message));
    }
  }

  function draw(page) {
    rows.clear();
    body.replaceChildren();
    page.egresses.forEach((e) => { const row = line(e); rows.set(e.id, row); body.append(row.node); });
    const first = pages.length === 1;
    count.textContent = page.egresses.length ? '' : 'Nothing found.';
    if (!page.egresses.length) {
      show(result, first ? nothing() : empty('No older ones.'), pager(''));
      return;
    }
    show(result, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Egresses' }, h('table', { class: 'list' },
      h('caption', { class: 'unseen' }, 'Egresses, newest first'),
      h('thead', {}, h('tr', {},
        h('th', { scope: 'col' }, 'Status'), h('th', { scope: 'col' }, 'Egress'), h('th', { scope: 'col', class: 'wide' }, 'Room'),
        h('th', { scope: 'col', class: 'wide' }, 'What'), h('th', { scope: 'col', class: 'wide' }, 'Started'),
        h('th', { scope: 'col', class: 'number' }, 'Length'), h('th', { scope: 'col', class: 'number wide' }, 'Size'))),
      body)), pager(page.nextToken));
  }

  function nothing() {
    return Object.values(wish).some(Boolean)
      ? empty('No egress fits.', h('p', {}, 'Take a part of an id, a room, a track, a file name or an error; or ',
        h('a', { href: '#/egresses', onclick: clear }, 'show all'), '.'))
      : empty('No egress yet.', h('p', {}, 'Start one: ', command('./spillway start track --room ROOM TR_…')),
        h('p', {}, 'or see it work: ', command('./spillway demo')));
  }

  function pager(next) {
    if (pages.length === 1 && !next) return null;
    return h('nav', { class: 'pager', 'aria-label': 'Pages of the list' },
      h('button', { type: 'button', disabled: pages.length === 1, onclick: () => { pages.pop(); read(); } }, 'Newer'),
      h('button', { type: 'button', disabled: !next, onclick: () => { pages.push(next); read(); } }, 'Older'));
  }

  function clear(event) {
    event.preventDefault();
    for (const name of Object.keys(wish)) { wish[name] = ''; form.elements[name].value = ''; }
    begin();
  }
  function begin() { pages.length = 1; pages[0] = ''; read(); }

  let timer = 0;
  const typed = (event) => {
    wish[event.target.name] = event.target.value.trim();
    clearTimeout(timer);
    timer = setTimeout(begin, event.target.tagName === 'SELECT' ? 0 : TYPE_WAIT_MILLIS);
  };
  const choice = (name, label, options) => h('label', {}, h('span', {}, label),
    h('select', { name, onchange: typed }, options.map(([value, text]) => h('option', { value, selected: wish[name] === value }, text))));
  const form = h('form', { class: 'filter', role: 'search', 'aria-label': 'Egresses', onsubmit: (event) => { event.preventDefault(); begin(); } },
    h('label', { class: 'grow' }, h('span', {}, 'Search'),
      h('input', { type: 'search', name: 'text', value: wish.text, placeholder: 'id, room, track, file or error', oninput: typed, spellcheck: 'false' })),
    h('label', {}, h('span', {}, 'Room'), h('input', { name: 'room', value: wish.room, placeholder: 'exact name', oninput: typed, spellcheck: 'false' })),
    choice('status', 'Status', STATUSES),
    choice('kind', 'Type', [['', 'Any type'], ...Object.entries(KIND_NAMES)]));

  function fits(e) {
    const running = !e.ended;
    if (wish.status === 'running' ? !running : wish.status && wish.status !== e.status) return false;
    if (wish.kind && wish.kind !== e.kind) return false;
    if (wish.room && wish.room !== e.room) return false;
    const text = [e.id, e.room, e.source, e.error].join(' ').toLowerCase();
    return !wish.text || text.includes(wish.text.toLowerCase());
  }

  function one(e) {
    const known = rows.get(e.id);
    if (known) { known.update(e); return; }
    if (pages.length > 1 || !fits(e)) return;
    if (!rows.size) { read(); return; }
    const row = line(e);
    rows.set(e.id, row);
    body.prepend(row.node);
    if (rows.size > ON_PAGE) { // what falls off the end is on the next page
      const lastRow = body.lastElementChild;
      rows.delete(lastRow.dataset.id);
      lastRow.remove();
    }
  }

  function progress(far) {
    for (const [id, [seconds, size]] of Object.entries(far)) rows.get(id)?.progress(seconds, size);
  }

  show(main, context.heading('Egresses'), form, count, result);
  context.left.push(live.on('egress', one), live.on('progress', progress), live.on('reset', read), () => clearTimeout(timer));
  read();
}

/** One line; updates change cells and leave the link, which may have the focus, alone. */
function line(e) {
  const status = h('td', {});
  const room = h('td', { class: 'wide cut' });
  const what = h('td', { class: 'wide cut' });
  const started = h('td', { class: 'wide' });
  const long = h('td', { class: 'number' });
  const size = h('td', { class: 'number wide' });
  const below = h('span', { class: 'narrow muted cut' });
  const node = h('tr', { 'data-id': e.id }, status,
    h('td', {}, h('a', { href: `#/egress/${encodeURIComponent(e.id)}`, class: 'id' }, e.id), below),
    room, what, started, long, size);
  const progress = (seconds, count) => { long.textContent = length(seconds); size.textContent = bytes(count); };
  const update = (now) => {
    show(status, statusBadge(now.status));
    room.textContent = now.room || '–';
    room.title = now.room;
    show(what, kind(now.kind), now.source ? h('span', { class: 'muted' }, ` ${now.source}`) : null);
    show(started, ago(now.startedAt));
    below.textContent = [now.room, now.source].filter(Boolean).join(' · ');
    progress(now.seconds, now.bytes);
  };
  update(e);
  return { node, update, progress };
}
