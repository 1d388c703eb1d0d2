import { h, show, say, empty, command, healthBadge, meter, badge } from './dom.js';
import { get, post } from './api.js';
import { age, ago, bytes } from './format.js';
import * as live from './live.js';

const SURE_MILLIS = 5000;

/** What an administrator may do to a node; why that is impossible, where it is. */
const ACTS = {
  replace: { name: 'Replace', obstacle: (node) => node.cantBeReplaced, done: 'Another node is started beside it, then it drains; its recordings go on to their end.' },
  drain: { name: 'Drain', obstacle: () => '', done: 'The node takes no more work; its recordings go on to their end.' },
};

export function nodes(context) {
  const { main } = context;
  const list = h('div', { class: 'cards' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  show(main, context.heading('Nodes'),
    h('p', { class: 'muted' }, 'Each node is judged from outside over two ways that don’t share a wire. One good and one bad is what a wedged node looks like.'),
    problem, list);
  const sure = new Set();
  const admin = context.session.role === 'admin';
  let words = '';
  function draw(data) {
    const now = JSON.stringify(data);
    if (now === words) return;
    words = now;
    if (!data.nodes.length) {
      show(list, empty('No node has been seen yet.', h('p', {}, 'Start one: ', command('./spillway up'), ' brings its own.')));
      return;
    }
    const focused = document.activeElement && list.contains(document.activeElement) ? document.activeElement.id : '';
    show(list, data.nodes.map((node) => card(node, admin && node.kind !== 'go' && node.health !== 'draining' && node.health !== 'gone' ? acts(node) : [])));
    if (focused) document.getElementById(focused)?.focus();
  }
  function acts(node) {
    return Object.entries(ACTS).map(([act, { name, obstacle }]) => ({
      id: `${act}-${node.id}`, name, obstacle: obstacle(node), sure: sure.has(`${act}-${node.id}`), go: (button) => go(act, node, button),
    }));
  }
  /** Asks once more; cards are drawn anew each second, so what was asked is remembered here. */
  async function go(act, node, button) {
    const key = `${act}-${node.id}`;
    if (!sure.has(key)) {
      sure.add(key);
      button.textContent = `${ACTS[act].name} for good?`;
      button.setAttribute('aria-label', `${ACTS[act].name} ${node.id} for good?`);
      setTimeout(() => sure.delete(key), SURE_MILLIS);
      return;
    }
    sure.delete(key);
    button.disabled = true;
    problem.textContent = '';
    try {
      draw(await post(`nodes/${encodeURIComponent(node.id)}/${act}`));
      say(ACTS[act].done);
    } catch (refused) {
      problem.textContent = refused.message;
    }
  }
  const read = async () => {
    try { draw(await get('nodes')); } catch (refused) { show(list, h('p', { class: 'problem' }, refused.message)); }
  };
  context.left.push(live.on('nodes', draw), live.on('reset', read));
  read();
}

function way(name, good, text) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, good === null ? badge('quiet', 'dash', text) : badge(good ? 'ok' : 'bad', good ? 'tick' : 'cross', text)));
}

function button(node, act) {
  const words = act.sure ? `${act.name} for good?` : act.name;
  return h('button', {
    type: 'button', id: act.id, 'aria-label': act.sure ? `${act.name} ${node.id} for good?` : `${act.name} ${node.id}`,
    disabled: Boolean(act.obstacle), 'aria-describedby': act.obstacle ? `${act.id}-why` : null, onclick: (event) => act.go(event.currentTarget),
  }, words);
}

function card(node, acts) {
  const pair = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  return h('article', { class: 'card node', 'aria-label': `Node ${node.id}` },
    h('div', { class: 'bar' }, h('h2', { class: 'id' }, node.id), healthBadge(node.health)),
    node.reason ? h('p', {}, node.reason) : null,
    h('dl', { class: 'ways' },
      way('Lease: it speaks', node.leaseAge === null ? null : node.leaseAge <= 6, node.leaseAge === null ? 'sends none' : `${age(node.leaseAge)} ago`),
      way('Canary: it answers', node.canary ? node.canary === 'good' : null,
        !node.canary ? 'none yet' : node.canaryMisses ? `${node.canaryMisses} missed in a row` : node.canary === 'good' ? 'yes' : 'no'),
      way('Statuses get through', node.oldestStatus < 10, node.oldestStatus < 0.05 ? 'none waits' : `oldest waits ${age(node.oldestStatus)}`)),
    h('dl', { class: 'facts' },
      node.kind === 'go' ? pair('Kind', 'livekit/egress (Go): judged by what becomes of its starts') : null,
      pair('Region', node.region || 'none'), pair('Version', node.version || 'unknown'),
      pair('Recordings', node.slots ? `${node.recordings} of ${node.slots}` : String(node.recordings)),
      node.kind === 'go' ? null : pair('CPU', `${node.busyCores.toFixed(1)} of ${node.cores} cores`),
      node.kind === 'go' ? null : pair('Memory', node.memoryLimit ? `${bytes(node.memory)} of ${bytes(node.memoryLimit)}` : bytes(node.memory)),
      node.kind === 'go' ? null : pair('Full', meter(node.fullness, 'How full this node is')),
      pair('Takes work', node.takesWork ? 'yes' : 'no')),
    node.repairs && node.repairs.length ? h('div', {}, h('h3', {}, 'Repairs'),
      h('ol', { class: 'repairs' }, node.repairs.map((one) => h('li', {}, `${one.step} ${one.outcome}: ${one.text}, `, ago(one.at))))) : null,
    acts.length ? h('p', { class: 'acts' }, acts.map((act) => button(node, act))) : null,
    acts.filter((act) => act.obstacle).map((act) => h('p', { class: 'muted', id: `${act.id}-why` }, act.obstacle)));
}
