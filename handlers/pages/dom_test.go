package pages_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A dom is a parsed page.
type dom struct{ root *html.Node }

func parse(t *testing.T, page string) dom {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return dom{root}
}

// all returns the elements with a name and some attributes, which come in pairs; * matches any value.
func (d dom) all(name string, wanted ...string) (found []*html.Node) {
	for n := range d.root.Descendants() {
		ok := n.Type == html.ElementNode && n.Data == name
		for i := 0; ok && i < len(wanted); i += 2 {
			value, there := attr(n, wanted[i])
			ok = there && (value == wanted[i+1] || wanted[i+1] == "*")
		}
		if ok {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// textOf returns the text of an element, with single spaces.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
