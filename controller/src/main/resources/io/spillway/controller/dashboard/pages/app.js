// The frame around the pages: who is signed in, which page is shown, whether events come.
import { h, show, say } from './dom.js';
import { get, del } from './api.js';
import { signIn } from './signin.js';
import { overview } from './overview.js';
import { egresses } from './egresses.js';
import { egress } from './egress.js';
import { nodes } from './nodes.js';
import { webhooks } from './webhooks.js';
import * as live from './live.js';
import { tick } from './format.js';

const PAGES = [
  ['#/', 'Overview', overview],
  ['#/egresses', 'Egresses', egresses],
  ['#/nodes', 'Nodes', nodes],
  ['#/webhooks', 'Webhooks', webhooks],
];
const main = document.getElementById('main');
const nav = document.getElementById('nav');
const tools = document.getElementById('tools');
const notice = document.getElementById('notice');
let session = null;
let leavePage = () => {};
let shownPath = null;

/** "#/egresses?status=failed" as its path and its parameters. */
function place() {
  const hash = location.hash || '#/';
  const mark = hash.indexOf('?');
  return {
    path: mark < 0 ? hash : hash.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : hash.slice(mark + 1)),
  };
}

function route() {
  if (!session) return;
  const { path, query } = place();
  if (path === '#main') { main.focus(); return; } // the skip link
  leavePage();
  drawNav(path);
  const context = { main, query, session, left: [] };
  context.heading = (title) => {
    document.title = `${title} · Spillway`;
    return h('h1', { tabindex: -1 }, title);
  };
  leavePage = () => context.left.forEach((undo) => undo());
  const one = path.match(/^#\/egress\/([^/]+)$/);
  const page = PAGES.find(([address]) => address === path);
  if (one) egress(context, decodeURIComponent(one[1]));
  else if (page) page[2](context);
  else show(main, context.heading('No such page'), h('p', {}, h('a', { href: '#/' }, 'Go to the overview'), '.'));
  // After a move the heading is where a keyboard or a screen reader goes on; not at the first load.
  if (shownPath !== null && shownPath !== path) {
    window.scrollTo(0, 0);
    main.querySelector('h1')?.focus({ preventScroll: true });
  }
  shownPath = path;
}

function drawNav(path) {
  const section = path.startsWith('#/egress') ? '#/egresses' : path;
  nav.hidden = false;
  show(nav, h('ul', {}, PAGES.map(([address, name]) =>
    h('li', {}, h('a', { href: address, 'aria-current': address === section ? 'page' : null }, name)))));
}

const THEMES = { '': 'Auto', light: 'Light', dark: 'Dark' };

function themeSwitch() {
  const wish = document.documentElement.dataset.theme || '';
  const choice = h('select', { id: 'theme', 'aria-label': 'Colours', onchange: () => {
    const value = choice.value;
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
    try { localStorage.setItem('spillway-theme', value); } catch { /* only for this visit, then */ }
  } }, Object.entries(THEMES).map(([value, name]) => h('option', { value, selected: value === wish }, name)));
  return choice;
}

const link = h('span', { class: 'link lost' }, h('span', { class: 'lamp', 'aria-hidden': 'true' }), h('span', { class: 'word' }, 'connecting'));

function linkState(state) {
  link.className = `link ${state}`;
  link.lastChild.textContent = { live: 'live', connecting: 'connecting', lost: 'not connected' }[state];
  link.title = state === 'live' ? 'Changes show by themselves.' : 'The controller sends no events; this page keeps trying.';
  notice.hidden = state !== 'lost';
  notice.textContent = state === 'lost' ? 'Not connected to the controller: what you see may be old. Recordings go on without it.' : '';
}

function drawTools() {
  show(tools,
    session ? link : null,
    themeSwitch(),
    session ? h('span', { class: 'role' }, session.role) : null,
    session ? h('button', { type: 'button', onclick: signOut }, 'Sign out') : null);
}

async function signOut() {
  try { await del('session'); } catch { /* the cookie ends by itself */ }
  out();
}

function out() {
  live.close();
  leavePage();
  leavePage = () => {};
  session = null;
  shownPath = null;
  nav.hidden = true;
  notice.hidden = true;
  drawTools();
  signIn(main, enter);
}

function enter(who) {
  session = who;
  drawTools();
  live.open(linkState);
  route();
  say('Signed in.');
}

async function begin() {
  drawTools();
  try {
    enter(await get('session'));
  } catch (refused) {
    if (refused.status === 401) { out(); return; }
    notice.hidden = false;
    notice.textContent = refused.message;
    setTimeout(begin, 3000);
  }
}

async function check() {
  try { await get('session'); } catch (refused) { if (refused.status === 401 && session) out(); }
}

window.addEventListener('hashchange', route);
document.addEventListener('signed-out', () => { if (session) out(); });
document.addEventListener('session-check', check);
document.querySelector('.skip').addEventListener('click', (event) => { event.preventDefault(); main.focus(); });
setInterval(tick, 1000);
begin();
