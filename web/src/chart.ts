// The chart of an element, a separate script that more.ts loads for elements with the attribute chart: /v1/widget.chart.js. Scripts of other
// releases may call draw, so its name and its arguments stay. It sets no style in HTML, and parses no markup, so it works under any policy.

import css from './chart.css';

interface Hour {
  day: string;
  hour: number;
  low: number;
  high?: number;
  text: string;
}

interface Metric {
  id: string;
  unit?: string;
  hours: Hour[];
  quietest: { today: { start: string; text: string }[] };
}

interface Week {
  locale: string;
  timezone: string;
  metrics: Metric[];
}

type Words = Record<string, string>;

/** The chart of an element: its figure, and what is in it. */
interface State {
  figure_: HTMLElement;
  key_?: string; // what was requested
  due_: number; // when to request again, by the visitor's clock
  drawn_?: string; // what the figure shows
  skew_: number; // how far the server's clock is ahead
  week_?: Week;
  words_?: Words;
}

const states = new WeakMap<HTMLElement, State>();

const hourLong = 36e5;

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
    states.set(host, (state = { figure_: add(root, 'figure', 'chart'), due_: 0, skew_: 0 }));
    state.figure_.setAttribute('part', 'chart');
  }
  const now = Date.now();
  const widgets = api + '/v1/widgets';
  const id = host.getAttribute('widget')!;
  const key = widgets + id + box.lang;
  if (key != state.key_ || now > state.due_) {
    if (key != state.key_) state.week_ = undefined;
    state.key_ = key;
    state.due_ = now + 6e4; // after a failure
    load(host, state, box, widgets, id).catch(() => {});
  }
  show(host, state, box);
}

async function load(host: HTMLElement, s: State, box: HTMLElement, widgets: string, id: string) {
  const { key_ } = s;
  const answer = await fetch(widgets + '?id=' + id + '&phrases=' + box.lang);
  const { phrases } = await answer.json();
  const week = await (await fetch(widgets + '/' + id + '/typical')).json();
  if (key_ != s.key_ || !week.metrics) return; // the element has changed since, or the service failed
  s.week_ = week;
  s.words_ = phrases;
  s.skew_ = Date.parse(answer.headers.get('Date')!) - Date.now() || 0;
  // Shortly after the hour; a random delay spreads the requests of all visitors.
  s.due_ = (Math.floor((Date.now() + s.skew_) / hourLong) + 1) * hourLong - s.skew_ + Math.random() * 3e4;
  show(host, s, box);
}

function add<K extends keyof HTMLElementTagNameMap>(parent: Node, name: K, className = '', textContent = '') {
  return parent.appendChild(Object.assign(document.createElement(name), { className, textContent }));
}

/** Shows the present day, if the figure shows something else. */
function show(host: HTMLElement, { figure_: figure, week_: week, words_: words, skew_, drawn_ }: State, box: HTMLElement) {
  if (!week || !words) return;
  const now = new Date(Date.now() + skew_);
  const tag = words.locale;
  const at = (t: Date, options: Intl.DateTimeFormatOptions, language = 'en') => t.toLocaleString(language, { timeZone: week.timezone, ...options });
  const hourOf = (t: Date) => +at(t, { hour: 'numeric', hourCycle: 'h23' });
  const day = at(now, { weekday: 'long' }).toLowerCase();
  const hour = hourOf(now);
  const wanted = host.getAttribute('metric');
  const metric = week.metrics.find(m => m.id == wanted) || week.metrics[0];
  const content = JSON.stringify([day, hour, tag, metric]);
  if (content == drawn_) return;
  states.get(host)!.drawn_ = content;

  const focused = figure.contains(host.shadowRoot!.activeElement);
  figure.textContent = '';
  figure.lang = box.lang;
  figure.dir = box.dir;
  add(figure, 'figcaption', '', words.usual_by_hour + words.separator + at(now, { weekday: 'long' }, tag));
  const hours = metric ? metric.hours.filter(h => h.day == day) : [];
  if (!hours[0]) {
    add(figure, 'p', '', metric ? (metric.hours[0] ? words.closed_today : words.too_little_data) : words.not_available);
    return;
  }
  const first = hours[0].hour;
  const count = Math.max(hours.at(-1)!.hour - first + 1, 6);
  const end = (h: Hour) => h.high ?? h.low * 1.2;
  const minutes = metric.unit && !hours.some(h => h.low % 60 || h.high! % 60);
  const size = minutes ? 60 : 1;
  const most = Math.max(1, ...hours.map(end)) / size;
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 240].find(n => n * 3 >= most) || Math.ceil(most / 3);
  const top = Math.ceil(most / step) * step;
  const number = (n: number) => new Intl.NumberFormat(tag, metric.unit ? { style: 'unit', unit: minutes ? 'minute' : 'second' } : {}).format(n);
  const clock = (h: number, h2: number) =>
    new Intl.DateTimeFormat(tag, { hour: 'numeric', timeZone: 'UTC' }).formatRange(h * hourLong, h2 * hourLong);
  const text = (h: Hour) =>
    tag == week.locale ? h.text : h.high == null ? '≥ ' + number(h.low / size) : h.low == h.high ? number(h.high / size) : h.low / size + '–' + number(h.high / size);

  const plot = add(figure, 'div', 'plot');
  for (let n = 0; n <= top; n += step) {
    const place = (n / top) * 100 + '%';
    add(plot, 'hr').style.bottom = place;
    if (n) add(plot, 'data', '', number(n)).style.bottom = place;
  }
  const list = add(plot, 'ul');
  const every = [1, 2, 3, 4, 6].find(n => count <= n * 4.5);
  const bars: HTMLElement[] = [];
  for (let place = first; place < first + count; place++) {
    const item = add(list, 'li', place == hour ? 'now' : '');
    const column = add(item, 'div');
    column.ariaHidden = 'true';
    // Round hours that have room.
    if (place % every! == 0 && (first + count - place) * 8 >= count) add(column, 'bdi', '', clock(place, place));
    const h = hours.find(h => h.hour == place);
    if (!h) continue;
    bars.push(item);
    const bar = add(column, 'i');
    bar.style.bottom = Math.min(h.low / size / top, 0.96) * 100 + '%';
    bar.style.top = Math.min(1 - end(h) / size / top, 0.96 - h.low / size / top) * 100 + '%';
    add(item, 'span', '', clock(place, place + 1) + (place == hour ? ' (' + words.now + ')' : '') + ' · ' + text(h));
    item.tabIndex = -1;
  }
  const stop = bars.find(b => b.className) || bars[0];
  stop.tabIndex = 0;
  if (focused) stop.focus();
  // The arrow keys move the focus, in the direction of the text.
  const ahead = figure.dir == 'rtl' ? -1 : 1;
  list.onkeydown = event => {
    const step = { ArrowRight: ahead, ArrowLeft: -ahead, Home: -99, End: 99 }[event.key];
    if (!step) return;
    bars[Math.max(0, Math.min(bars.indexOf(event.target as HTMLElement) + step, bars.length - 1))].focus();
    event.preventDefault();
  };
  const quiet = metric.quietest.today[0];
  const start = quiet && hourOf(new Date(quiet.start));
  // Without an hour that differs, none is the quietest.
  add(figure, 'p', '', hours.some(h => h.hour >= hour && h.text != (quiet || h).text) ? words.quietest_today.replace('{hours}', clock(start, start + 1)) : '\xa0');
}
