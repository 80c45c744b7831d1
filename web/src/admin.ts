// The script of the dashboard for operators. The service says when something changed; the script then reads the page again, and updates this
// one to match. Without the script the page is the same, and needs reloading.

export {}; // a module, whose names are its own

const main = document.querySelector('main')!;
const search = document.querySelector<HTMLFormElement>('#search')!;
const status = document.querySelector<HTMLElement>('#live')!;
const tooMany = 'Too many dashboards are open: updated every 5 s';
const typed = new WeakSet<Element>(); // forms that an operator has begun to fill in

let stream: EventSource | undefined;
let reading: AbortController | undefined;
let again = false; // something changed while the page was read
let crowded = false; // there are too many dashboards to follow changes

/** Reads the page again. force also stops an earlier request, for example for another search. */
async function read(force?: boolean) {
  if (reading && !force) {
    again = true;
    return;
  }
  reading?.abort();
  const own = (reading = new AbortController());
  try {
    const answer = await fetch(location.search || '?', { headers: { Accept: 'text/html' }, signal: own.signal });
    if (!answer.ok) throw answer.status;
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (own != reading) return;
    const found = next.querySelector('main');
    if (!found) throw 0;
    become(main, found);
    document.title = next.title;
    say(crowded ? tooMany : 'Live');
  } catch {
    if (own == reading) say('Not live: the service does not respond');
  }
  if (own != reading) return;
  reading = undefined;
  if (again) {
    again = false;
    void read();
  }
}

function say(text: string) {
  if (status.textContent != text) status.textContent = text;
  status.className = 'badge ' + (text == 'Live' ? 'good' : text == 'Paused' || text == 'Connecting' ? 'off' : text == tooMany ? 'warn' : 'bad');
}

/** Updates an element to match another of the same name. What an operator has opened or typed stays. */
function become(now: Element, next: Element) {
  if (typed.has(now) || now.classList.contains('said')) return;
  for (const name of now.getAttributeNames()) if (!next.hasAttribute(name) && name != 'open') now.removeAttribute(name);
  for (const name of next.getAttributeNames()) {
    const value = next.getAttribute(name)!;
    if (name != 'open' && now.getAttribute(name) != value) now.setAttribute(name, value);
  }
  let at = now.firstChild;
  for (const wanted of [...next.childNodes]) {
    const id = wanted instanceof Element && wanted.id;
    const same = id ? [...now.children].find(kid => kid.id == id) : at && !(at instanceof Element && at.id) && at.nodeName == wanted.nodeName ? at : undefined;
    if (!same || same.nodeName != wanted.nodeName) {
      now.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (same == at) at = at.nextSibling;
    else now.insertBefore(same, at);
    if (same instanceof Element) become(same, wanted as Element);
    else if (same.nodeValue != wanted.nodeValue) same.nodeValue = wanted.nodeValue;
  }
  while (at) {
    const rest = at.nextSibling;
    at.remove();
    at = rest;
  }
}

/** Follows changes while somebody can see them. */
function follow() {
  if (document.hidden) {
    stream?.close();
    stream = undefined;
    say('Paused');
  } else if (!stream) {
    stream = new EventSource('events');
    stream.onopen = () => {
      crowded = false;
      void read();
    };
    stream.addEventListener('changed', () => void read());
    stream.onerror = () => {
      if (stream?.readyState != EventSource.CLOSED) return say('Connecting');
      stream = undefined;
      void refused();
      setTimeout(follow, 5e3);
    };
  }
}

/** Reads the page although the service refuses to say when it changes. */
async function refused() {
  const answer = await fetch('events', { method: 'HEAD' }).catch(() => undefined);
  crowded = !!answer?.headers.has('Retry-After');
  if (crowded) void read();
  else say('Not live: the service does not respond');
}

/** Shows what the search finds. */
function find() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(search)) if (value) query.set(name, value as string);
  history.replaceState(null, '', '?' + query);
  void read(true);
}

/** Sends the form of a notice, and stays on this page. */
async function publish(form: HTMLFormElement, button: HTMLElement | null) {
  const said = form.querySelector<HTMLElement>('.said')!;
  let failure = '';
  try {
    const body = new URLSearchParams([...new FormData(form, button)] as [string, string][]);
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual', headers: { Accept: 'text/html' } });
    if (answer.type != 'opaqueredirect') {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      failure = (page.querySelector('[role=alert]') || page.querySelector('h1 + p'))?.textContent || 'The notice is not saved.';
    }
  } catch {
    failure = 'The service does not respond. The notice may not be saved.';
  }
  said.classList.toggle('failed', !!failure);
  said.textContent = failure || (button?.matches('.remove') ? 'Removed.' : 'Published.');
  if (failure) return;
  typed.delete(form);
  await read(true);
  form.reset();
}

/** Opens what the address names. */
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

let waiting = 0;
search.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(find, 150);
});
search.addEventListener('submit', event => {
  event.preventDefault();
  find();
});
main.addEventListener('input', event => {
  const form = (event.target as Element).closest('form');
  if (form) typed.add(form);
});
main.addEventListener('submit', event => {
  event.preventDefault();
  void publish(event.target as HTMLFormElement, (event as SubmitEvent).submitter);
});
document.addEventListener('visibilitychange', follow);
addEventListener('hashchange', open);
document.documentElement.classList.add('live');
open();
follow();
