// A page that uses the package without a framework: it has to compile, and what is wrong has to be told.
import { WaitTime, type Snapshot, type WaitTimeAttributes } from '@waitboard/wait-time';

const element: WaitTime = document.createElement('wait-time');
const made: HTMLElement = new WaitTime();
const attributes: WaitTimeAttributes = { api: 'https://wait.example.com', widget: 'support', layout: 'line' };
for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
document.body.append(element, made);

element.addEventListener('wait-time:update', event => show(event.detail));
window.addEventListener('wait-time:error', event => console.log(event.detail));
document.querySelector('wait-time')?.addEventListener('wait-time:update', ({ detail }) => show(detail));

function show(snapshot: Snapshot): string {
  if (snapshot.state === 'closed') return snapshot.message;
  return snapshot.metrics.map(m => `${m.label}: ${m.text}`).join();
}

// @ts-expect-error There is no such layout.
export const wrong: WaitTimeAttributes = { api: '', widget: '', layout: 'oval' };
// @ts-expect-error The service's address is missing.
export const missing: WaitTimeAttributes = { widget: '' };
// @ts-expect-error A snapshot has no such field.
element.addEventListener('wait-time:update', event => event.detail.nosuch);
