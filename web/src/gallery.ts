// The script of the page of all widgets: what is chosen takes effect in place. The service makes the HTML and the preview; they
// are taken out of the page that it would answer the form with.

import { watchLost } from './lost';
import { become } from './morph';

const builder = document.getElementById('builder');
let asked: XMLHttpRequest | undefined;

/** Asks for the builder as it is with other choices. A document that comes this way is no markup that is put into the page. */
function ask(query: string) {
  const before = asked;
  const request = (asked = new XMLHttpRequest());
  before?.abort(); // which ends it at once, and must find that there is a newer one
  request.open('GET', './?' + query);
  request.responseType = 'document';
  request.timeout = 10e3;
  request.onloadend = () => {
    if (request != asked) return; // there is a newer one
    const next = request.status == 200 && request.response?.getElementById('builder');
    busy(false);
    if (!next) {
      say('The service gave no answer. Preview and HTML are not those of your choice; choose again in a moment.');
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

/** What is chosen, without what is left to its default. */
function choices() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(part<HTMLFormElement>('form'))) if (value) query.set(name, value as string);
  return query.toString();
}

/** Copies the HTML. Where the browser lets no script do that, it is marked, so that the visitor can. */
async function copy() {
  const html = part<HTMLTextAreaElement>('textarea');
  try {
    await navigator.clipboard.writeText(html.value);
    say('Copied.');
  } catch {
    html.focus();
    html.select();
    say(document.execCommand('copy') ? 'Copied.' : 'The HTML is marked: copy it with Ctrl+C or ⌘C.');
  }
}

/** Takes up a link that says what to choose, as long as it is to be opened in this very tab. */
function follow(event: MouseEvent) {
  const link = (event.target as Element).closest<HTMLAnchorElement>('a[href^="?"]');
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  ask(link.search.slice(1));
  builder!.scrollIntoView();
  part('select').focus({ preventScroll: true });
}

watchLost();
if (builder) {
  document.documentElement.classList.add('live');
  builder.addEventListener('change', () => ask(choices()));
  builder.addEventListener('submit', event => {
    event.preventDefault();
    ask(choices());
  });
  builder.addEventListener('click', event => {
    if ((event.target as Element).closest('.copy')) void copy();
  });
  document.addEventListener('click', follow);
}
