package config

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Link is a link next to a value, such as a request for a callback.
type Link struct {
	When  string // the first level that shows it: moderate or high, which Levels then has, or low for any value
	Label string // never empty
	URL   string // http, https, tel or mailto
}

// link checks the link of the metric at path.
func (c *checker) link(path string, in *FileLink) *Link {
	if in == nil {
		return nil
	}
	if in.When != "low" && in.When != "" && !c.has(path+".levels."+in.When) && c.ok(path+".levels") {
		c.add(path+".link.when", "the level "+in.When+" is not set in levels", "set it, or remove when to show the link with every value")
	}
	link := &Link{When: in.When, Label: in.Label, URL: in.URL}
	if in.URL != "" {
		link.URL = c.linkURL(path+".link.url", in.URL)
	}
	return link
}

var (
	telPattern    = regexp.MustCompile(`^\+?[0-9][0-9().-]*(;[A-Za-z0-9=+.-]+)*$`)
	mailtoPattern = regexp.MustCompile(`^[A-Za-z0-9.!$&'*+/=_~-]+@[A-Za-z0-9.-]+$`)
)

// linkURL checks a link for visitors and returns it as browsers write it. It rejects URLs that could run a script or disguise the site that
// they lead to.
func (c *checker) linkURL(path, text string) string {
	const web, tel, mailto = "for example https://www.example.com/callback", "for example tel:+15551234567", "for example mailto:support@example.com"
	u, err := url.Parse(text)
	switch {
	case strings.ContainsFunc(text, unicode.IsSpace):
		c.add(path, "holds a space", "remove it; within a web address write %20")
	case err != nil || strings.ContainsAny(text, "\\\"<>`"):
		c.add(path, "is not a usable URL", web)
	case u.Scheme == "tel" && (!telPattern.MatchString(u.Opaque) || strings.ContainsAny(text, "?#")):
		c.add(path, "is not a usable telephone number", tel)
	case u.Scheme == "mailto" && (!mailtoPattern.MatchString(u.Opaque) || strings.Contains(text, "#")):
		c.add(path, "is not a usable mail address", mailto)
	case u.Scheme == "tel" || u.Scheme == "mailto":
		return u.String()
	case u.Scheme != "http" && u.Scheme != "https":
		c.add(path, "must start with https://, http://, tel: or mailto:", web)
	case u.User != nil:
		c.add(path, "must not hold a user name or password before the host", "everyone can read a link; write the address only")
	case u.Opaque != "" || !goodHost(u):
		c.add(path, noHost, web)
	default:
		return u.String()
	}
	return text
}
