import { h, show, say, empty, badge } from './dom.js';
import { get, post } from './api.js';
import { ago, age, plural } from './format.js';
import * as live from './live.js';

const STATES = { waiting: ['busy', 'ring', 'waiting'], delivered: ['ok', 'tick', 'delivered'], given_up: ['bad', 'cross', 'given up'] };
const AGAIN_MILLIS = 5000;

export function webhooks(context) {
  const { main } = context;
  const backlog = h('section', { 'aria-labelledby': 'backlog-title' }, h('h2', { id: 'backlog-title' }, 'Waiting'));
  const list = h('div', {});
  const problem = h('p', { class: 'problem', role: 'alert' });
  const pages = [''];
  let state = '';
  let asked = 0;
  let words = '';

  async function read() {
    const mine = ++asked;
    const parameters = new URLSearchParams();
    if (state) parameters.set('state', state);
    if (pages.at(-1)) parameters.set('page_token', pages.at(-1));
    try {
      const page = await get(`webhooks?${parameters}`);
      if (mine !== asked) return;
      drawBacklog(page.backlog);
      const now = JSON.stringify([page.deliveries, page.nextToken, pages.length]);
      if (now !== words) { words = now; drawList(page); }
    } catch (refused) {
      if (mine === asked) problem.textContent = refused.message;
    }
  }

  function drawBacklog(addresses) {
    const heading = h('h2', { id: 'backlog-title' }, 'Waiting');
    if (!addresses.length) { show(backlog, heading, h('p', { class: 'muted' }, 'No event waits.')); return; }
    show(backlog, heading, h('ul', { class: 'plain' }, addresses.map((a) => h('li', {},
      h('code', {}, a.url), h('span', { class: a.lag > 60 ? 'bad-text' : 'muted' }, ` ${plural(a.waiting, 'event')}, the oldest for ${age(a.lag)}`)))));
  }

  function drawList(page) {
    const focused = list.contains(document.activeElement) ? document.activeElement.id : '';
    if (!page.deliveries.length) {
      show(list, state || pages.length > 1 ? empty('Nothing here.') : empty('Nothing was sent yet.',
        h('p', {}, 'Set ', h('code', {}, 'webhook: {api_key, urls}'), ' in the configuration, or pass ', h('code', {}, 'webhooks'), ' with a request.')));
    } else {
      const admin = context.session.role === 'admin';
      show(list, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Deliveries' }, h('table', { class: 'list' },
        h('caption', { class: 'unseen' }, 'Deliveries, newest event first'),
        h('thead', {}, h('tr', {},
          h('th', { scope: 'col' }, 'State'), h('th', { scope: 'col' }, 'Event'), h('th', { scope: 'col', class: 'wide' }, 'To'),
          h('th', { scope: 'col', class: 'wide' }, 'When'), h('th', { scope: 'col', class: 'number' }, 'Tries'),
          admin ? h('th', { scope: 'col' }, h('span', { class: 'unseen' }, 'Act')) : null)),
        h('tbody', {}, page.deliveries.map((d, i) => line(d, i, admin))))),
      h('nav', { class: 'pager', 'aria-label': 'Pages of the list' },
        h('button', { type: 'button', id: 'newer', disabled: pages.length === 1, onclick: () => { pages.pop(); read(); } }, 'Newer'),
        h('button', { type: 'button', id: 'older', disabled: !page.nextToken, onclick: () => { pages.push(page.nextToken); read(); } }, 'Older')));
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  function line(d, i, admin) {
    return h('tr', {},
      h('td', {}, badge(...(STATES[d.state] || ['quiet', 'dash', d.state]))),
      h('td', {}, d.kind, h('br', {}), h('a', { href: `#/egress/${encodeURIComponent(d.egress)}`, class: 'id' }, d.egress),
        d.lastError ? h('p', { class: 'muted path' }, d.lastError) : null),
      h('td', { class: 'wide path' }, h('code', {}, d.url)),
      h('td', { class: 'wide' }, ago(d.createdAt)),
      h('td', { class: 'number' }, d.attempts),
      admin ? h('td', {}, h('button', { type: 'button', id: `again-${i}`, 'aria-label': `Send ${d.kind} of ${d.egress} again`, onclick: (event) => again(event, d) }, 'Send again')) : null);
  }

  async function again(event, d) {
    event.target.disabled = true;
    problem.textContent = '';
    try {
      const answer = await post(`webhooks/${encodeURIComponent(d.event)}/redeliver`);
      say(`Is sent again, to ${plural(answer.deliveries, 'address', 'addresses')}.`);
      words = '';
      read();
    } catch (refused) {
      problem.textContent = refused.message;
      event.target.disabled = false;
    }
  }

  const choice = h('select', { onchange: () => { state = choice.value; pages.length = 1; words = ''; read(); } },
    [['', 'Any state'], ...Object.entries(STATES).map(([value, [, , name]]) => [value, name])].map(([value, name]) => h('option', { value }, name)));
  show(main, context.heading('Webhooks'), backlog, h('h2', {}, 'Deliveries'),
    h('form', { class: 'filter', onsubmit: (event) => event.preventDefault() }, h('label', {}, h('span', {}, 'State'), choice)), problem, list);
  const timer = setInterval(read, AGAIN_MILLIS);
  context.left.push(live.on('reset', read), () => clearInterval(timer));
  read();
}
