import { h, show, empty, command, meter, sign, statusBadge } from './dom.js';
import { get } from './api.js';
import { ago, latency, share, length, bytes, plural, kind } from './format.js';
import { bars } from './chart.js';
import * as live from './live.js';

export function overview(context) {
  const { main } = context;
  const alerts = h('section', { 'aria-labelledby': 'alerts-title' });
  const figures = h('section', { class: 'tiles', 'aria-label': 'Figures of the last hour' });
  const regions = h('section', { 'aria-labelledby': 'regions-title' });
  const running = h('section', { 'aria-labelledby': 'running-title' });
  show(main, context.heading('Overview'), alerts, figures, regions, running);

  let alertWords = null;
  function draw(data) {
    const words = data.alerts.map((a) => a.summary).join('\n') + data.storeAnswers;
    if (words !== alertWords) { alertWords = words; drawAlerts(alerts, data); }
    drawFigures(figures, data);
    drawRegions(regions, data.regions);
  }
  const list = runningList(running);
  const read = async () => {
    try {
      draw(await get('overview'));
      list.all((await get('egresses?status=running')).egresses);
    } catch (refused) {
      if (!figures.firstChild) show(figures, h('p', { class: 'problem' }, refused.message));
    }
  };
  context.left.push(
    live.on('overview', draw), live.on('reset', read), live.on('egress', list.one), live.on('progress', list.progress));
  read();
}

function drawAlerts(section, data) {
  const heading = h('h2', { id: 'alerts-title' }, 'Alerts');
  if (!data.storeAnswers) {
    data = { alerts: [{ severity: 'critical', name: '', summary: 'The egress store does not answer. New starts are refused until it does; recordings go on.', since: 0 }, ...data.alerts] };
  }
  if (!data.alerts.length) {
    show(section, heading, h('p', { class: 'calm' }, sign('tick'), 'Nothing is wrong.'));
    return;
  }
  show(section, heading, h('ul', { class: 'alerts' }, data.alerts.map((a) =>
    h('li', { class: a.clearing ? 'clearing' : a.severity },
      sign('warn'),
      h('div', {},
        h('p', {}, h('span', { class: 'strong' }, a.severity === 'critical' ? 'Critical: ' : 'Warning: '), a.summary),
        h('p', { class: 'muted' },
          a.name ? h('code', {}, a.name) : null,
          a.subject ? ` ${a.subject}` : '',
          a.since ? [' since ', ago(a.since)] : '',
          a.clearing ? ', clearing' : '',
          a.anchor ? `. What to do: docs/alerts.md, ${a.anchor}.` : ''))))));
}

function tile(title, figure, note, chart) {
  return h('article', { class: 'card tile' }, h('h2', {}, title), h('p', { class: 'figure' }, figure), note ? h('p', { class: 'muted' }, note) : null, chart);
}

function drawFigures(section, data) {
  const { starts, active } = data;
  const all = starts.good + starts.bad;
  const slow = starts.p99 !== null && starts.p99 > starts.target;
  show(section,
    tile('Recording now', String(active.recording),
      `${active.starting} starting, ${active.ending} ending`),
    tile('Starts in the last hour', String(all),
      starts.refused ? `and ${plural(starts.refused, 'caller’s mistake', 'callers’ mistakes')}` : null,
      bars(starts.perMinute)),
    tile('Success', share(starts.good, all),
      all ? `${starts.bad} of ${plural(all, 'start')} failed` : 'no starts in the last hour'),
    tile('Start latency, p99', h('span', { class: slow ? 'bad-text' : null }, latency(starts.p99)),
      starts.p99 === null ? 'from request to recording' : `half within ${latency(starts.p50)}; target ${latency(starts.target)}`));
}

function drawRegions(section, regions) {
  const heading = h('h2', { id: 'regions-title' }, 'Capacity');
  if (!regions.length) {
    show(section, heading, empty('No node has been seen yet.', h('p', {}, 'A node shows up here with its first sign of life.')));
    return;
  }
  show(section, heading, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': 'regions-title' }, h('table', {},
    h('thead', {}, h('tr', {},
      ['Region', 'Nodes', 'Recordings', 'CPU', 'Emptiest node'].map((t, i) => h('th', { scope: 'col', class: `${i ? 'number' : ''} ${i === 3 ? 'wide' : ''}` }, t)))),
    h('tbody', {}, regions.map((r) => h('tr', {},
      h('th', { scope: 'row' }, r.region || 'no region'),
      h('td', { class: 'number' }, r.takesWork === r.nodes ? r.nodes : `${r.takesWork} of ${r.nodes} take work`),
      h('td', { class: 'number' }, r.slots ? `${r.recordings} of ${r.slots}` : r.recordings),
      h('td', { class: 'number wide' }, `${r.busyCores.toFixed(1)} of ${r.cores} cores`),
      h('td', { class: 'number' }, r.takesWork ? meter(r.fullness, `How full the emptiest node of ${r.region || 'no region'} is`) : 'none takes work')))))));
}

function runningList(section) {
  const rows = new Map();
  const heading = h('h2', { id: 'running-title' }, 'Running');
  function draw() {
    const shown = [...rows.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, 12);
    if (!shown.length) {
      show(section, heading, empty('Nothing is being recorded.',
        h('p', {}, 'Start one: ', command('./spillway start track --room ROOM TR_…')),
        h('p', {}, 'or call StartTrackEgress with any LiveKit SDK, its URL set to this controller’s.')));
      return;
    }
    show(section, heading,
      h('ul', { class: 'running' }, shown.map((e) => h('li', { 'data-id': e.id },
        statusBadge(e.status),
        h('a', { href: `#/egress/${encodeURIComponent(e.id)}`, class: 'id' }, e.id),
        h('span', { class: 'muted cut' }, [e.room, kind(e.kind), e.source].filter(Boolean).join(' · ')),
        h('span', { class: 'number' }, length(e.seconds)),
        h('span', { class: 'number' }, bytes(e.bytes))))),
      rows.size > shown.length ? h('p', {}, h('a', { href: '#/egresses?status=running' }, `All ${rows.size}`)) : null);
  }
  draw();
  return {
    all(list) { rows.clear(); list.forEach((e) => rows.set(e.id, e)); draw(); },
    one(e) {
      if (e.ended) rows.delete(e.id); else rows.set(e.id, e);
      draw();
    },
    progress(far) {
      for (const [id, [seconds, size]] of Object.entries(far)) {
        const row = rows.get(id);
        if (row) { row.seconds = seconds; row.bytes = size; }
      }
      for (const item of section.querySelectorAll('li[data-id]')) {
        const row = rows.get(item.dataset.id);
        const cells = item.querySelectorAll('.number');
        cells[0].textContent = length(row.seconds);
        cells[1].textContent = bytes(row.bytes);
      }
    },
  };
}
