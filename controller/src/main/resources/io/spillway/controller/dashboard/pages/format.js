// Numbers and times for people; everything fixed-width where it changes.
import { h } from './dom.js';

export function bytes(count) {
  if (!count) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit++; }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function length(seconds) {
  if (!seconds || seconds < 0) return '–';
  const whole = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

export function latency(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}

export function age(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

export function share(part, whole) {
  if (!whole) return '–';
  const percent = (part / whole) * 100;
  if (percent === 100) return '100 %';
  // 99.97 must not read as 100.
  return `${percent >= 99 ? (Math.floor(percent * 100) / 100).toFixed(2) : percent.toFixed(1)} %`;
}

const two = (n) => String(n).padStart(2, '0');

export function clock(millis) {
  const at = new Date(millis);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function dateTime(millis) {
  const at = new Date(millis);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(millis)}`;
}

function agoText(millis) {
  const seconds = Math.max(0, (Date.now() - millis) / 1000);
  return seconds < 5 ? 'just now' : `${age(Math.round(seconds)).replace('.0', '')} ago`;
}

/** A moment, told as how long ago; the exact time on hover. Kept fresh by tick(). */
export function ago(millis) {
  if (!millis) return h('span', {}, '–');
  return h('time', { datetime: new Date(millis).toISOString(), title: dateTime(millis), 'data-at': millis }, agoText(millis));
}

export function tick() {
  for (const node of document.querySelectorAll('time[data-at]')) {
    const text = agoText(Number(node.dataset.at));
    if (node.textContent !== text) node.textContent = text;
  }
}

const KINDS = {
  track: 'Track', egress: 'Egress (v2)', room_composite: 'Room composite', track_composite: 'Track composite',
  web: 'Web page', participant: 'Participant', replay: 'Replay',
};

export const KIND_NAMES = KINDS;

export function kind(name) {
  return KINDS[name] || name || 'Unknown';
}

export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many || `${one}s`}`;
}
