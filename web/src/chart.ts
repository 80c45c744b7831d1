// The chart of an element, a separate script that more.ts loads for elements with the attribute chart: /v1/widget.chart.js. Scripts of other
// releases may call draw, so its name and its arguments stay. It sets no style in HTML, and parses no markup, so it works under any policy.

import css from './chart.css';
import type { Chart } from './snapshot';

/** The chart of an element: its figure, and when it changes, by the visitor's clock. */
interface State {
  figure_: HTMLElement;
  key_?: string; // what was requested
  due_: number; // when to request again
  until_: number; // when to remove what is shown
}

const states = new WeakMap<HTMLElement, State>();

/** Draws the chart of an element in its shadow tree. The element calls it each second. */
export function draw(host: HTMLElement, api: string) {
  const root = host.shadowRoot!;
  const box = root.querySelector<HTMLElement>('.card[lang]');
  if (!box) return; // it waits for texts
  let state = states.get(host);
  if (!state) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    states.set(host, (state = { figure_: add(root, 'figure', 'chart'), due_: 0, until_: 0 }));
    state.figure_.setAttribute('part', 'chart');
  }
  const word = (name: string) => host.getAttribute(name) || '';
  const key = `${api}/v1/widgets/${word('widget')}/chart?` + new URLSearchParams({ range: word('chart'), metric: word('metric'), locale: box.lang });
  const now = Date.now();
  if (key != state.key_) {
    state.key_ = key;
    state.due_ = state.until_ = 0;
  }
  if (now > state.until_) state.figure_.textContent = '';
  if (now > state.due_) {
    state.due_ = now + 6e4; // after a failure
    load(root, state, box, key).catch(() => {});
  }
}

async function load(root: ShadowRoot, state: State, box: HTMLElement, key: string) {
  const answer = await fetch(key, { cache: 'no-cache' });
  const chart: Chart = await answer.json();
  if (key != state.key_ || !chart.days) return; // the element has changed since, or the service failed
  // How far the visitor's clock is ahead. The answer may come from a cache, and a proxy may rewrite Date.
  const header = (name: string) => answer.headers.get(name)!;
  const ahead = Date.now() - Date.parse(header('Date')) - +header('Age') * 1e3 || 0;
  const until = Math.max(Date.parse(chart.until) + ahead, Date.now() + 6e4);
  state.due_ = until + 3e3 + Math.random() * 3e4; // spreads the requests of all visitors
  state.until_ = until + 12e4; // the present hour is wrong then
  show(root, state.figure_, box, chart);
}

function add<K extends keyof HTMLElementTagNameMap>(parent: Node, name: K, className = '', textContent = '') {
  return parent.appendChild(Object.assign(document.createElement(name), { className, textContent }));
}

const percent = (part: number) => part * 100 + '%';

function show(root: ShadowRoot, figure: HTMLElement, box: HTMLElement, { label, caption, message, scale, marks, clocks, days, foot }: Chart) {
  const focused = figure.contains(root.activeElement);
  const week = days[1];
  figure.textContent = '';
  figure.lang = box.lang;
  figure.dir = box.dir;
  const head = add(figure, 'figcaption');
  if (box.querySelector('.metric ~ .metric')) add(head, 'b', '', label).dir = 'auto';
  add(head, 'span', '', caption);
  if (message) {
    add(figure, 'p', 'none', message);
    return;
  }
  const plot = add(figure, 'div', 'plot');
  if (week) add(head, 'span', 'scale', scale);
  else
    for (const { at, text } of [{ at: 0, text: '' }, ...marks]) {
      add(plot, 'hr').style.bottom = percent(at);
      add(plot, 'data', '', text).style.bottom = percent(at);
    }
  const columns = (parent: HTMLElement) => {
    parent.style.gridTemplateColumns = `repeat(${clocks.length},1fr)`;
    return parent;
  };
  const cells: (HTMLElement | null)[] = []; // of all days; null: without a bar
  for (const { name, today, bars } of days) {
    if (week) add(plot, 'b', today && 'today', name).ariaHidden = 'true';
    const list = columns(add(plot, 'ul'));
    const row: typeof cells = clocks.map(() => null);
    for (const { place, low, high, now, text } of bars) {
      const item = (row[place] = add(list, 'li', now && 'now'));
      item.style.gridColumn = '' + (place + 1);
      item.tabIndex = -1;
      const bar = add(add(item, 'div'), 'i');
      bar.style.bottom = percent(low);
      bar.style.top = percent(1 - high);
      add(item, 'span', '', text);
    }
    cells.push(...row);
  }
  const hours = columns(add(plot, 'div', 'clocks'));
  hours.ariaHidden = 'true';
  for (const clock of clocks) add(add(hours, 'span'), 'bdi', '', clock);
  add(figure, 'p', '', foot || '\xa0');

  const stop = cells.find(cell => cell?.className) || cells.find(cell => cell)!;
  stop.tabIndex = 0;
  if (focused) stop.focus();
  // The arrow keys move the focus, in the direction of the text, and in a week from day to day.
  const ahead = figure.dir == 'rtl' ? -1 : 1;
  plot.onkeydown = event => {
    const { key } = event;
    const step = { ArrowRight: ahead, ArrowLeft: -ahead, ArrowDown: clocks.length, ArrowUp: -clocks.length, Home: 1, End: -1 }[key];
    let n = key == 'Home' ? -1 : key == 'End' ? cells.length : cells.indexOf(event.target as HTMLElement);
    if (!step) return;
    do n += step;
    while (cells[n] === null);
    if (!cells[n]) return;
    cells[n]!.focus();
    event.preventDefault();
  };
}
