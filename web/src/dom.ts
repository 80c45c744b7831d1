// Patches the DOM to match a list of nodes, and writes only what differs from the previous list. What browser translations and extensions
// change or add stays. It parses no markup: texts stay texts, and pages with Trusted Types work.

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

/** A node of ours remembers its tag. */
type Own = Element & { tag_?: Tag };

const nothing = tag('', {});

export function patch(parent: Node, kids: Kid[]) {
  let node: Own;
  let next = parent.firstChild as Own | null;
  for (const kid of kids) {
    if (!kid) continue;
    while (next && !next.tag_) next = next.nextSibling as Own; // of others
    node = next!;
    if (next?.localName == kid.name_ && typeof next.tag_!.kids_ == typeof kid.kids_) next = next.nextSibling as Own;
    else parent.insertBefore((node = document.createElement(kid.name_)), next);
    const { attributes_, kids_ } = node.tag_ || nothing;
    node.tag_ = kid;
    for (const key in { ...attributes_, ...kid.attributes_ }) {
      const value = kid.attributes_[key];
      if (value != attributes_[key]) value ? node.setAttribute(key, value) : node.removeAttribute(key);
    }
    if (typeof kid.kids_ != 'string') patch(node, kid.kids_);
    else if (kid.kids_ != kids_) node.textContent = kid.kids_;
  }
  while (next) {
    node = next.nextSibling as Own;
    if (next.tag_) next.remove();
    next = node;
  }
}
