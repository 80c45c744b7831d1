package snippet

import (
	"slices"
	"strings"
)

// ReadKind returns the kind with a name. ok is false for an unknown name.
func ReadKind(name string) (kind Kind, ok bool) {
	return Kind(name), slices.Contains(Kinds, Kind(name))
}

// Scripted reports whether the kind runs the script, which can show a single metric and be pinned.
func (k Kind) Scripted() bool { return k == Element || k == Script || k == React }

// Help returns a sentence on the use of the kind.
func (k Kind) Help() string {
	switch k {
	case Element:
		return "The element, with its script. With several widgets on a page, paste the script line once."
	case Script:
		return "One line: the script puts the element in its own place."
	case IFrame:
		return "An iframe, for sites that do not allow scripts."
	case Image:
		return "An image in the widget's own language, for sites that do not allow iframes."
	case Link:
		return "A link to the widget's own page."
	case Email:
		return "An image for e-mail, which shows its date. The link leads to the live widget."
	case React:
		return "The script for the page that loads the app, and the element for a component (JSX)."
	default:
		return "The address alone, for WordPress and others that support oEmbed."
	}
}

const pinnedHelp = "The element with a pinned script: browsers check that it is exactly this version."

// All returns the HTML of each kind, with a comment on its use, and without a line break at the end. The element appears a second time with
// a pinned script, unless o pins it anyway.
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
