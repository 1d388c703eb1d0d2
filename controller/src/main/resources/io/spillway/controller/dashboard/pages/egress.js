import { h, show, say, statusBadge, statusWord } from './dom.js';
import { get, post } from './api.js';
import { dateTime, clock, length, bytes, age, kind } from './format.js';
import * as live from './live.js';

/** LiveKit's texts begin with what the label says already. */
const bare = (text) => text.replace(/^End reason: /, '');

export function egress(context, id) {
  const { main } = context;
  const frame = h('div', {});
  let status = null;
  let far = null;
  let asked = 0;

  async function read() {
    const mine = ++asked;
    try {
      const e = await get(`egresses/${encodeURIComponent(id)}`);
      if (mine !== asked) return;
      if (status && status !== e.status) say(`The egress is now ${statusWord(e.status)}.`);
      status = e.status;
      draw(e);
    } catch (refused) {
      if (mine === asked) show(frame, h('p', { class: 'problem' }, refused.message), h('p', {}, h('a', { href: '#/egresses' }, 'All egresses')));
    }
  }

  function draw(e) {
    const hadFocus = frame.contains(document.activeElement) && document.activeElement.id;
    far = { long: h('dd', { class: 'number' }, length(e.seconds)), size: h('dd', { class: 'number' }, bytes(e.bytes)) };
    const open = frame.querySelector('details')?.open;
    show(frame,
      h('div', { class: 'bar' }, statusBadge(e.status), stopButton(e)),
      what(e),
      facts(e),
      timeline(e),
      files(e),
      streams(e),
      h('section', {}, h('h2', {}, 'Request'),
        h('details', { open: open ? true : null }, h('summary', {}, 'As it was stored, without its secrets'),
          h('pre', { tabindex: 0 }, JSON.stringify(e.request, null, 2)))));
    if (hadFocus) document.getElementById(hadFocus)?.focus();
  }

  function what(e) {
    return h('section', { class: `what ${e.bad ? 'bad' : ''}`, 'aria-label': 'What happened' },
      h('p', { class: 'strong' }, e.happened),
      e.error && e.bad ? h('p', {}, 'Its own words: ', h('q', {}, e.error), e.errorCode ? ` (code ${e.errorCode})` : '') : null,
      e.next ? h('p', {}, h('span', { class: 'strong' }, 'What to do: '), e.next) : null);
  }

  function facts(e) {
    const pair = (name, value) => (value || value === 0 ? h('div', {}, h('dt', {}, name), value instanceof Node && value.tagName === 'DD' ? value : h('dd', {}, value)) : null);
    return h('dl', { class: 'facts' },
      pair('Room', e.room), pair('Room id', e.roomId && h('code', {}, e.roomId)),
      pair('Type', kind(e.kind)), pair('Source', e.source && h('code', {}, e.source)),
      pair('Node', e.node && h('code', {}, e.node)), pair('Epoch', String(e.epoch)),
      pair('Started', dateTime(e.startedAt)), pair('Ended', e.endedAt ? dateTime(e.endedAt) : null),
      pair('Recorded', far.long), pair('Size', far.size),
      pair('Reason', bare(e.details)), pair('Manifest', e.manifest && h('code', {}, e.manifest)),
      pair('Backup', e.backupUsed ? 'the backup storage was used' : null));
  }

  function timeline(e) {
    const begin = e.timeline.length ? e.timeline[0].at : 0;
    return h('section', {}, h('h2', {}, 'Timeline'), h('ol', { class: 'timeline' }, e.timeline.map((step, i) => {
      const before = i ? e.timeline[i - 1] : null;
      return h('li', { class: step.status },
        h('time', { datetime: new Date(step.at).toISOString(), title: dateTime(step.at) }, clock(step.at)),
        h('div', {},
          h('p', { class: 'step' }, statusBadge(step.status), i ? h('span', { class: 'muted number' }, `+${age((step.at - begin) / 1000)}`) : null),
          h('p', { class: 'muted' },
            step.reason ? h('span', {}, bare(step.reason)) : null,
            !before || before.node !== step.node || before.epoch !== step.epoch
              ? h('span', {}, `${step.reason ? ' · ' : ''}${step.node ? `on ${step.node}` : 'no node yet'}, epoch ${step.epoch}`) : null)));
    })));
  }

  function files(e) {
    if (!e.files.length) return null;
    return h('section', {}, h('h2', { id: 'files-title' }, 'Files'), h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': 'files-title' }, h('table', {},
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'File'), h('th', { scope: 'col', class: 'number' }, 'Length'), h('th', { scope: 'col', class: 'number' }, 'Size'))),
      h('tbody', {}, e.files.map((file) => h('tr', {},
        h('td', { class: 'path' }, /^https?:\/\//.test(file.link)
          ? h('a', { href: file.link, rel: 'noreferrer noopener', target: '_blank' }, file.location)
          : h('code', {}, file.location)),
        h('td', { class: 'number' }, length(file.seconds)),
        h('td', { class: 'number' }, bytes(file.bytes))))))));
  }

  function streams(e) {
    if (!e.streams.length) return null;
    return h('section', {}, h('h2', { id: 'streams-title' }, 'Streams'), h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': 'streams-title' }, h('table', {},
      h('thead', {}, h('tr', {}, ['To', 'Status', 'Length', 'Retries', 'Error'].map((t) => h('th', { scope: 'col' }, t)))),
      h('tbody', {}, e.streams.map((stream) => h('tr', {},
        h('td', { class: 'path' }, h('code', {}, stream.url)), h('td', {}, stream.status), h('td', { class: 'number' }, length(stream.seconds)),
        h('td', { class: 'number' }, stream.retries), h('td', {}, stream.error)))))));
  }

  function stopButton(e) {
    if (e.ended || e.status === 'ending' || context.session.role !== 'admin') return null;
    let sure = false;
    const button = h('button', { type: 'button', id: 'stop', class: 'danger', onclick: async () => {
      if (!sure) {
        sure = true;
        button.textContent = 'Stop for good?';
        setTimeout(() => { sure = false; button.textContent = 'Stop'; }, 5000);
        return;
      }
      button.disabled = true;
      button.textContent = 'Stopping…';
      try {
        draw(await post(`egresses/${encodeURIComponent(id)}/stop`));
        say('The egress was told to stop.');
      } catch (refused) {
        show(problem, refused.message);
        button.disabled = false;
        button.textContent = 'Stop';
        sure = false;
      }
    } }, 'Stop');
    const problem = h('span', { class: 'problem', role: 'alert' });
    return [button, problem];
  }

  show(main, h('p', { class: 'back' }, h('a', { href: '#/egresses' }, 'All egresses')), context.heading(id), frame);
  main.querySelector('h1').classList.add('id');
  context.left.push(
    live.on('egress', (e) => { if (e.id === id) read(); }),
    live.on('reset', read),
    live.on('progress', (all) => {
      if (!all[id] || !far) return;
      far.long.textContent = length(all[id][0]);
      far.size.textContent = bytes(all[id][1]);
    }));
  read();
}
