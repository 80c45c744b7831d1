// Patches the DOM to match a list of nodes, and writes only what differs. It parses no markup: texts stay texts, and pages with Trusted Types
// work.

/** An element. Attributes without a value and empty kids are left out. */
export interface Tag {
  name_: string;
  attributes_: Attributes;
  kids_: Kid[] | string;
}

export interface Attributes {
  [name: string]: string | false | undefined;
}

export type Kid = Tag | '' | 0 | false | null | undefined;

export const tag = (name_: string, attributes_: Attributes, kids_: Tag['kids_'] = ''): Tag => ({ name_, attributes_, kids_ });

export function patch(parent: Node, kids: Tag['kids_']) {
  if (typeof kids == 'string') {
    if (parent.textContent != kids) parent.textContent = kids;
    return;
  }
  let node: Element;
  let next = parent.firstChild as Element | null;
  for (const kid of kids) {
    if (!kid) continue;
    const wanted = kid.attributes_;
    node = next!;
    if (next?.localName == kid.name_) next = next!.nextSibling as Element;
    else parent.insertBefore((node = document.createElement(kid.name_)), next);
    for (const key of node.getAttributeNames()) if (!wanted[key]) node.removeAttribute(key);
    for (const [key, value] of Object.entries(wanted)) if (value && node.getAttribute(key) != value) node.setAttribute(key, value);
    patch(node, kid.kids_);
  }
  while (next) {
    node = next.nextSibling as Element;
    next.remove();
    next = node;
  }
}
