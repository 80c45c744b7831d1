// What few pages need, in a script of its own that the others load when they need it: /v1/widget.more.js. Its exports have the names by
// which scripts of other releases may call them.

/** Gives a frame of the service at base the height that it has sent. A page may refuse inline styles, so the height goes into the attribute. */
export function size(base: string, { data, origin, source }: MessageEvent) {
  // A message counts if it comes from our service and out of a frame that shows it.
  if (origin != new URL(base).origin) return;
  for (const frame of document.querySelectorAll<HTMLIFrameElement>(`iframe[src^="${base}/embed/"]`)) if (frame.contentWindow == source) frame.height = data.height;
}

/** What stands in for a widget until it comes; all else in an element is the page's. */
const standIns = 'a[href*="/w/"], img[src*="/v1/widgets/"], .box, noscript, [data-fallback]';

const foreign = (n: Node) => (n instanceof Element ? !n.matches(standIns) : n instanceof Text && !!n.data.trim());

/** The parser puts an element without an end tag last in its parent. What comes after an element that is closed is text, at least a line feed. */
const closed = (host: Element) => host.nextSibling instanceof CharacterData;

/** How such an element looks: the widget as ever, and after it what follows, as if the element were not around them. */
const repair =
  ':host(:not([hidden])), .grid, .grid > .hidden { display: contents !important } .hidden { visibility: visible } .box { position: relative; max-width: 22em; box-sizing: border-box } .line, .compact { display: inline-flex }';

const watched = new WeakSet<HTMLElement>();

/**
 * Looks whether an element holds what follows it in the page, as one does whose tag is not closed: <wait-time widget="support" />.
 * It looks again whenever that may have changed. What such an element holds is shown below the widget, as if the tag had been closed.
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
    console.warn('wait-time: close the tag, <wait-time …></wait-time>: what follows it in the page is inside it; give what stands in for the widget the attribute data-fallback');
  };
  const observer = new MutationObserver(look);
  observer.observe(host, { childList: true });
  if (host.parentNode) observer.observe(host.parentNode, { childList: true });
  document.addEventListener('readystatechange', look);
  look();
  return true;
}
