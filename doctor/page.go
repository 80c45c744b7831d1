package doctor

import (
	"bytes"
	"cmp"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// The kinds of embeds.
const (
	script  = "script"
	element = "element"
	frame   = "iframe"
	image   = "image"
	link    = "link"
)

// An embed is a piece of a snippet on the page.
type embed struct {
	kind   string
	url    *url.URL // of what is loaded; nil for an element
	base   string   // the address of the service, without a slash at its end; "" if the element has none
	widget string   // its ID; "" if the script has none
	load   load     // of a script
	head   bool     // a script in the head, where it draws nothing
	inert  bool     // a script that browsers don't run, because of its type
	bare   bool     // an element that names no service
	sealed bool     // an iframe in a sandbox without scripts
	dead   bool     // an iframe in a sandbox that blocks links
	open   bool     // an element without its end tag
	holds  bool     // an element with content of the page, which its script leaves visible
}

// contents holds what doctor needs of a page.
type contents struct {
	embeds   []embed
	policies []string // from meta elements
	links    []embed  // links that look like pages of widgets
	module   bool     // whether the page has a module, which may define the element
	asText   bool     // whether the page shows a snippet as text
}

// read parses a page at an address.
func read(body []byte, at *url.URL) (*contents, error) {
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	c := &contents{}
	base := at
	based := false
	open := unclosed(body)
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode:
			c.asText = c.asText || isVisible(n) && (strings.Contains(n.Data, "<wait-time") || strings.Contains(n.Data, "/v1/widget."))
		case n.Type != html.ElementNode || isInert(n):
		case n.Data == "base" && !based && attribute(n, "href") != "": // the first counts
			if u, err := at.Parse(attribute(n, "href")); err == nil {
				base, based = u, true
			}
		case n.Data == "meta" && strings.EqualFold(attribute(n, "http-equiv"), "content-security-policy"):
			c.policies = append(c.policies, attribute(n, "content"))
		default:
			c.module = c.module || n.Data == "script" && strings.EqualFold(attribute(n, "type"), "module")
			switch e, ok := readEmbed(n, base); {
			case ok && e.kind == link:
				c.links = append(c.links, e)
			case ok:
				if e.kind == element && len(open) > 0 {
					e.open, open = open[0], open[1:]
				}
				c.embeds = append(c.embeds, e)
			}
		}
	}
	c.completeElements()
	if len(c.embeds) == 0 {
		c.embeds = c.links
	}
	return c, nil
}

// The paths of the service that pages load from.
var (
	scriptPath = regexp.MustCompile(`^(.*)/(?:v1/widget(?:\.[0-9A-Za-z_-]+)?|assets/embed\.[0-9a-f]+)\.js$`) // also the script of the service's own pages
	pagePath   = regexp.MustCompile(`^(.*)/w/([a-z0-9][a-z0-9_-]{0,63})$`)
	framePath  = regexp.MustCompile(`^(.*)/embed/([a-z0-9][a-z0-9_-]{0,63})$`)
	badgePath  = regexp.MustCompile(`^(.*)/v1/widgets/([a-z0-9][a-z0-9_-]{0,63})/badge\.(?:svg|png)$`)
)

func readEmbed(n *html.Node, base *url.URL) (embed, bool) {
	if n.Data == "wait-time" {
		base := baseOf(attribute(n, "api"))
		return embed{kind: element, base: base, bare: base == "", widget: attribute(n, "widget"), holds: holdsContent(n)}, true
	}
	source := attribute(n, "src")
	if n.Data == "a" {
		source = attribute(n, "href")
	}
	u, err := base.Parse(strings.TrimSpace(source))
	if err != nil || source == "" {
		return embed{}, false
	}
	e := embed{url: u}
	var parts []string
	switch n.Data {
	case "script":
		parts = scriptPath.FindStringSubmatch(u.Path)
		e.kind, e.widget = script, attribute(n, "data-widget")
		e.head, e.inert = inHead(n), !isJavaScript(attribute(n, "type"))
		e.load = load{url: u, nonce: attribute(n, "nonce"), integrity: attribute(n, "integrity")}
	case "iframe":
		parts = framePath.FindStringSubmatch(u.Path)
		e.kind = frame
		sandbox, sandboxed := lookup(n, "sandbox")
		allowed := strings.Fields(sandbox)
		e.sealed = sandboxed && !has(allowed, "allow-scripts")
		e.dead = sandboxed && !has(allowed, "allow-popups")
	case "img":
		parts = badgePath.FindStringSubmatch(u.Path)
		e.kind = image
	case "a":
		parts = pagePath.FindStringSubmatch(u.Path)
		e.kind = link
	}
	if parts == nil {
		return embed{}, false
	}
	e.base = origin(u) + parts[1]
	if len(parts) > 2 {
		e.widget = parts[2]
	}
	return e, true
}

// completeElements gives elements without a service the script's service.
func (c *contents) completeElements() {
	base := ""
	for _, e := range c.embeds {
		if e.kind == script {
			base = cmp.Or(base, e.base)
		}
	}
	for i := range c.embeds {
		if e := &c.embeds[i]; e.kind == element {
			e.base = cmp.Or(e.base, base)
		}
	}
}

func attribute(n *html.Node, name string) string {
	value, _ := lookup(n, name)
	return value
}

func lookup(n *html.Node, name string) (value string, ok bool) {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// isInert reports whether a node is in a template and so not part of the page.
func isInert(n *html.Node) bool {
	for parent := range n.Ancestors() {
		if parent.Data == "template" {
			return true
		}
	}
	return false
}

// isVisible reports whether visitors see a text.
func isVisible(n *html.Node) bool {
	for parent := range n.Ancestors() {
		switch parent.Data {
		case "script", "style", "template", "noscript", "code", "pre", "textarea", "title":
			return false
		}
	}
	return true
}
