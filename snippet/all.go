package snippet

import (
	"slices"
	"strings"
)

// ReadKind is the kind of that name; ok is false where there is none.
func ReadKind(name string) (kind Kind, ok bool) {
	return Kind(name), slices.Contains(Kinds, Kind(name))
}

// Scripted tells whether the kind runs our script, so that a metric can be chosen and the script pinned.
func (k Kind) Scripted() bool { return k == Element || k == Script }

// Help says in a sentence what the kind is for.
func (k Kind) Help() string {
	switch k {
	case Element:
		return "The element, where it shall stand; the script once a page."
	case Script:
		return "One line: the script puts the element where it stands."
	case IFrame:
		return "An iframe, for sites that take no script."
	case Image:
		return "An image in the widget's own language, for sites that take no iframe."
	case Link:
		return "A link to the widget's own page."
	default:
		return "The address alone, for WordPress and others that know oEmbed."
	}
}

const pinnedHelp = "The element with the script pinned: it stays this very version, and browsers check that it is."

// All is what to paste of each kind, with a comment that says what it is for. Unless the script is pinned anyway, the
// element is there with a pinned one too. It ends without a line break.
func All(o Options) string {
	var pieces []string
	add := func(help, html string) { pieces = append(pieces, "<!-- "+help+" -->\n"+html) }
	for _, kind := range Kinds {
		add(kind.Help(), HTML(kind, o))
		if kind == Element && !o.Pin {
			pinned := o
			pinned.Pin = true
			add(pinnedHelp, HTML(kind, pinned))
		}
	}
	return strings.Join(pieces, "\n\n")
}
