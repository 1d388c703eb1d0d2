// Starts per minute as bars: a stack of what went well and what failed.
import { s } from './dom.js';

const WIDTH = 4;
const HEIGHT = 44;

export function bars(minutes) {
  const most = Math.max(1, ...minutes.map(([good, bad]) => good + bad));
  const width = minutes.length * WIDTH;
  const all = minutes.reduce((sum, [good, bad]) => sum + good + bad, 0);
  const failed = minutes.reduce((sum, [, bad]) => sum + bad, 0);
  const chart = s('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'bars', role: 'img',
    'aria-label': `Starts in each of the last ${minutes.length} minutes: ${all} in all, ${failed} failed, at most ${most} in one minute.`,
  });
  chart.append(s('line', { x1: 0, x2: width, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5, class: 'axis' }));
  minutes.forEach(([good, bad], i) => {
    const high = (count) => (count / most) * (HEIGHT - 3);
    const x = i * WIDTH;
    if (good) chart.append(s('rect', { x, width: WIDTH - 1, y: HEIGHT - 1 - high(good + bad), height: high(good), class: 'good' }));
    if (bad) chart.append(s('rect', { x, width: WIDTH - 1, y: HEIGHT - 1 - high(bad), height: high(bad), class: 'failed' }));
  });
  return chart;
}
