import { h, show, empty } from './dom.js';

export function webhooks(context) {
  show(context.main, context.heading('Webhooks'), empty('Nothing is sent yet.',
    h('p', {}, 'Set ', h('code', {}, 'webhook: {api_key, urls}'), ' in the configuration, or pass ', h('code', {}, 'webhooks'), ' with a request.')));
}
