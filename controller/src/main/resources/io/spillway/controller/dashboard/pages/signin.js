import { h, show } from './dom.js';
import { post } from './api.js';

export function signIn(main, done) {
  const problem = h('p', { class: 'problem', role: 'alert', id: 'problem' });
  const button = h('button', { class: 'primary', type: 'submit' }, 'Sign in');
  const token = h('input', { id: 'token', name: 'token', type: 'password', autocomplete: 'current-password', spellcheck: 'false', 'aria-describedby': 'token-help problem' });
  const key = h('input', { id: 'key', name: 'key', autocomplete: 'username', spellcheck: 'false', autocapitalize: 'none' });
  const secret = h('input', { id: 'secret', name: 'secret', type: 'password', autocomplete: 'off' });
  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = '';
    try {
      done(await post('session', key.value.trim() ? { api_key: key.value, api_secret: secret.value } : { token: token.value }));
    } catch (refused) {
      problem.textContent = refused.message;
      button.disabled = false;
      (key.value.trim() ? key : token).focus();
    }
  }
  document.title = 'Sign in · Spillway';
  show(main,
    h('form', { class: 'card signin', onsubmit: submit },
      h('h1', { tabindex: -1 }, 'Sign in'),
      h('label', { for: 'token' }, 'Token'),
      token,
      h('p', { class: 'help', id: 'token-help' },
        'The dashboard’s viewer or admin token, or a LiveKit token that grants ', h('code', {}, 'roomRecord'), '.'),
      h('details', {},
        h('summary', {}, 'Use an API key and its secret'),
        h('label', { for: 'key' }, 'API key'), key,
        h('label', { for: 'secret' }, 'API secret'), secret),
      problem,
      button));
  token.focus();
}
