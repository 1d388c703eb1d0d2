import { h, show, empty, command, healthBadge, meter, badge } from './dom.js';
import { get } from './api.js';
import { age, bytes } from './format.js';
import * as live from './live.js';

export function nodes(context) {
  const { main } = context;
  const list = h('div', { class: 'cards' });
  show(main, context.heading('Nodes'),
    h('p', { class: 'muted' }, 'Each node is judged from outside over two ways that don’t share a wire. One good and one bad is what a wedged node looks like.'),
    list);
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
    show(list, data.nodes.map(card));
    if (focused) document.getElementById(focused)?.focus();
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

function card(node) {
  const pair = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  return h('article', { class: 'card node', 'aria-label': `Node ${node.id}` },
    h('div', { class: 'bar' }, h('h2', { class: 'id' }, node.id), healthBadge(node.health)),
    node.reason ? h('p', {}, node.reason) : null,
    h('dl', { class: 'ways' },
      way('Lease: it speaks', node.leaseAge === null ? null : node.leaseAge <= 6, node.leaseAge === null ? 'sends none' : `${age(node.leaseAge)} ago`),
      way('Canary: it answers', node.canaryAge === null ? null : node.canaryMisses < 3,
        node.canaryAge === null ? 'not asked' : node.canaryMisses ? `${node.canaryMisses} missed in a row` : `${age(node.canaryAge)} ago`),
      way('Statuses get through', node.oldestStatus < 10, node.oldestStatus < 0.05 ? 'none waits' : `oldest waits ${age(node.oldestStatus)}`)),
    h('dl', { class: 'facts' },
      pair('Region', node.region || 'none'), pair('Version', node.version || 'unknown'),
      pair('Recordings', node.slots ? `${node.recordings} of ${node.slots}` : String(node.recordings)),
      pair('CPU', `${node.busyCores.toFixed(1)} of ${node.cores} cores`),
      pair('Memory', node.memoryLimit ? `${bytes(node.memory)} of ${bytes(node.memoryLimit)}` : bytes(node.memory)),
      pair('Full', meter(node.fullness, 'How full this node is')),
      pair('Takes work', node.takesWork ? 'yes' : 'no')));
}
