// One part of a page made to look like the same part of another answer. What is the same in both stays untouched: what has
// the focus keeps it, and what is live goes on.

/** Makes an element look like another of its name. */
export function become(now: Element, next: Element) {
  for (const name of now.getAttributeNames()) if (!next.hasAttribute(name)) now.removeAttribute(name);
  for (const name of next.getAttributeNames()) {
    const value = next.getAttribute(name)!;
    if (now.getAttribute(name) != value) now.setAttribute(name, value);
  }
  const kids = [...now.childNodes];
  [...next.childNodes].forEach((wanted, i) => {
    const kid = kids[i];
    if (!kid) now.append(document.importNode(wanted, true));
    else if (kid.nodeName != wanted.nodeName) kid.replaceWith(document.importNode(wanted, true));
    else if (kid instanceof Element) become(kid, wanted as Element);
    else if (kid.nodeValue != wanted.nodeValue) kid.nodeValue = wanted.nodeValue;
  });
  for (const kid of kids.slice(next.childNodes.length)) kid.remove();
  choose(now);
}

/** What a visitor has chosen gives way to what the answer says is chosen. */
function choose(control: Element) {
  if (control instanceof HTMLInputElement) control.checked = control.defaultChecked;
  if (control instanceof HTMLOptionElement) control.selected = control.defaultSelected;
}
