// Updates a part of a page to match the same part of another document. Equal nodes stay untouched, so the focus stays and live elements
// continue.

/** Updates an element to match another of the same name. */
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

/** Resets a visitor's choice to the one in the document. */
function choose(control: Element) {
  if (control instanceof HTMLInputElement) control.checked = control.defaultChecked;
  if (control instanceof HTMLOptionElement) control.selected = control.defaultSelected;
}
