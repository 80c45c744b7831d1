// The script of the page of all widgets: choices take effect in place. It takes the HTML and the preview from the page that the service
// returns for the form.

import { watchLost } from './lost';
import { become } from './morph';

const builder = document.getElementById('builder');
let pending: XMLHttpRequest | undefined;

/** Requests the builder with other choices, as a document, so that no markup is written into the page. */
function ask(query: string) {
  const before = pending;
  const request = (pending = new XMLHttpRequest());
  before?.abort(); // its onloadend runs now and must see the newer request
  request.open('GET', '?' + query);
  request.responseType = 'document';
  request.timeout = 10e3;
  request.onloadend = () => {
    if (request != pending) return; // a newer one runs
    const next = request.status == 200 && request.response?.getElementById('builder');
    busy(false);
    if (!next) {
      say('The service is not available. Preview and HTML do not show your choice; choose again in a moment.');
      return;
    }
    become(builder!, next);
    history.replaceState(null, '', '?' + query + '#builder');
    say('Preview and HTML are up to date.');
  };
  busy(true);
  request.send();
}

const part = <E extends HTMLElement>(selector: string) => builder!.querySelector<E>(selector)!;

function busy(on: boolean) {
  builder!.ariaBusy = on ? 'true' : null;
  part<HTMLButtonElement>('.copy').disabled = on;
  if (on) say('');
}

const say = (text: string) => (part('.said').textContent = text);

/** The choices that differ from the default. Another place has another usual kind. */
function choices(changed?: EventTarget | null) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(part<HTMLFormElement>('form'))) if (value) query.set(name, value as string);
  if ((changed as HTMLInputElement | undefined)?.name == 'place') query.delete('kind');
  return query.toString();
}

/** Copies the HTML. Where the browser does not allow it, it selects the HTML for the visitor. */
async function copy() {
  const html = part<HTMLTextAreaElement>('textarea');
  try {
    await navigator.clipboard.writeText(html.value);
    say('Copied.');
  } catch {
    html.focus();
    html.select();
    say(document.execCommand('copy') ? 'Copied.' : 'The HTML is selected: copy it with Ctrl+C or ⌘C.');
  }
}

/** Follows a link that sets choices, if it would open in this tab. */
function follow(event: MouseEvent) {
  const link = (event.target as Element).closest<HTMLAnchorElement>('#builder a[href^="?"]');
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  ask(link.search.slice(1));
  builder!.scrollIntoView();
  part('select').focus({ preventScroll: true });
}

watchLost();
if (builder) {
  document.documentElement.classList.add('live');
  builder.addEventListener('change', event => ask(choices(event.target)));
  builder.addEventListener('submit', event => {
    event.preventDefault();
    ask(choices());
  });
  builder.addEventListener('click', event => {
    if ((event.target as Element).closest('.copy')) void copy();
  });
  document.addEventListener('click', follow);
}
