// Code that few pages need, in a separate script that others load on demand: /v1/widget.more.js. Scripts of other releases may call its
// exports, so their names stay.

/**
 * Gives the frame that has sent its height that height. It goes into the attribute, and into the style because stylesheets override the
 * attribute. A script may set a style where the page's policy forbids styles in its HTML.
 */
export function size(_base: string, { data, origin, source }: MessageEvent) {
  for (const frame of document.querySelectorAll('iframe')) {
    // The property src is resolved. A frame in a sandbox has no origin.
    if (frame.contentWindow != source || !/\/embed\//.test(frame.src) || (origin != 'null' && !frame.src.startsWith(origin + '/'))) continue;
    frame.height = data.height;
    const edges = getComputedStyle(frame).boxSizing == 'border-box' ? frame.offsetHeight - frame.clientHeight : 0;
    frame.style.setProperty('height', data.height + edges + 'px', 'important');
  }
}

/** The fallback of a widget. Everything else in an element belongs to the page. */
const standIns = 'a[href*="/w/"], img[src*="/v1/widgets/"], .box, noscript, [data-fallback]';

const foreign = (n: Node) => (n instanceof Element ? !n.matches(standIns) : n instanceof Text && !!n.data.trim());

/** Whether the element has its end tag. The parser puts an element without one last in its parent; after a closed one comes text, at least a line feed. */
const closed = (host: Element) => host.nextSibling instanceof CharacterData;

/** The styles of an element without its end tag: the widget, and below it what follows in the page, as if it were outside. */
const repair =
  ':host(:not([hidden])), .grid, .grid > .hidden { display: contents !important } .hidden { visibility: visible } .box { position: relative; max-width: 22em; box-sizing: border-box } .line, .compact { display: inline-flex }';

const watched = new WeakSet<HTMLElement>();

/**
 * Watches whether an element holds what follows it in the page because it lacks its end tag: <wait-time widget="support" />. It shows such
 * content below the widget.
 */
export function watch(host: HTMLElement) {
  if (watched.has(host)) return true;
  watched.add(host);
  const root = host.shadowRoot!;
  const sheet = new CSSStyleSheet();
  let warned = false;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const look = () => {
    let open = false;
    if (!closed(host) && !host.hasAttribute('data-fallback')) for (const node of host.childNodes) open ||= foreign(node);
    sheet.replaceSync(open ? repair : '');
    if (!open || warned || document.readyState == 'loading') return;
    warned = true;
    console.warn('wait-time: close the tag, <wait-time …></wait-time>: what follows in the page is inside it; mark a fallback with the attribute data-fallback');
  };
  const observer = new MutationObserver(look);
  observer.observe(host, { childList: true });
  if (host.parentNode) observer.observe(host.parentNode, { childList: true });
  document.addEventListener('readystatechange', look);
  look();
  return true;
}
