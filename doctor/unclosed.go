package doctor

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// unclosed reports for each <wait-time> of a page, in order, whether it lacks its end tag. <wait-time widget="support" /> does, because a slash
// does not close an HTML element. All that follows is inside it. A parser closes it silently, so unclosed reads the tags.
func unclosed(body []byte) (all []bool) {
	var open []int // the elements that are still open
	templates := 0
	for z := html.NewTokenizer(bytes.NewReader(body)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		token := z.Token()
		starts := kind == html.StartTagToken || kind == html.SelfClosingTagToken
		switch {
		case token.Data == "template" && starts:
			templates++
		case token.Data == "template" && kind == html.EndTagToken:
			templates = max(0, templates-1)
		case token.Data != "wait-time" || templates > 0:
		case starts:
			open, all = append(open, len(all)), append(all, true)
		case kind == html.EndTagToken && len(open) > 0:
			all[open[len(open)-1]] = false
			open = open[:len(open)-1]
		}
	}
	return all
}

// holdsContent reports whether an element holds content of the page, which its script leaves visible. The element may lack its end tag: no
// text follows it, and it holds more than a fallback. web/src/more.ts decides in the same way.
func holdsContent(n *html.Node) bool {
	if next := n.NextSibling; next != nil && (next.Type == html.TextNode || next.Type == html.CommentNode) {
		return false
	}
	if _, all := lookup(n, "data-fallback"); all {
		return false
	}
	for kid := range n.ChildNodes() {
		if kid.Type == html.TextNode && strings.TrimSpace(kid.Data) != "" || kid.Type == html.ElementNode && !isFallback(kid) {
			return true
		}
	}
	return false
}

// isFallback reports whether an element replaces the widget until its script runs.
func isFallback(n *html.Node) bool {
	_, given := lookup(n, "data-fallback")
	switch {
	case given, n.Data == "noscript", has(strings.Fields(attribute(n, "class")), "box"):
		return true
	case n.Data == "a":
		return strings.Contains(attribute(n, "href"), "/w/")
	case n.Data == "img":
		return strings.Contains(attribute(n, "src"), "/v1/widgets/")
	}
	return false
}
