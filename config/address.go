package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// address checks host:port. Port 0 is any free port; no host is all of the machine's addresses.
func (c *checker) address(path, text string) {
	if !c.ok(path) {
		return
	}
	host, port, err := net.SplitHostPort(text)
	number, numberErr := strconv.ParseUint(port, 10, 16)
	_, ipErr := netip.ParseAddr(host)
	switch {
	case strings.Count(text, ":") > 1 && (err != nil || ipErr != nil) && !strings.ContainsAny(text, " /@"):
		c.add(path, "is not an address of the form host:port", `an IPv6 address stands in brackets, and with them in quotes: "[::1]:8080"`)
	case err != nil || numberErr != nil || number > 65535 || strings.ContainsAny(host, " /@"):
		c.add(path, "is not an address of the form host:port", "for example 127.0.0.1:8080, or :8080 for all addresses of this machine")
	}
}

// baseURL checks an http or https URL without anything after its path, and gives it without a slash at the end. Problems do not repeat
// the URL, since it may hold a password; example is shown instead.
func (c *checker) baseURL(path, text, example string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.Contains(text, " ") || u.Opaque != "" && (u.Scheme == "http" || u.Scheme == "https"):
		c.add(path, "is not a usable URL", "for example "+example)
	case u.Scheme != "http" && u.Scheme != "https":
		c.add(path, "must start with http:// or https://", "for example "+example)
	case u.User != nil:
		c.add(path, "must not hold a user name, password or key before the host", "write the address only")
	case strings.Contains(text, "?"):
		c.add(path, "must not have a query (?…); a key must not stand in it", "remove the question mark and all that follows")
	case strings.Contains(text, "#"):
		c.add(path, "must not have a fragment (#…); a key must not stand in it", "remove the # and all that follows")
	case !goodHost(u):
		c.add(path, "has no usable host name or port", "for example "+example)
	}
	return strings.TrimRight(text, "/")
}

var hostPattern = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

// goodHost says whether host and port of a URL can be reached, as far as their form tells.
func goodHost(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if strings.HasPrefix(u.Host, "[") {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Is6() {
			return false
		}
	} else if len(host) > 253 || !hostPattern.MatchString(host) {
		return false
	}
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

// origins gives the web origins that may embed a widget, normalised, or nil for any.
func (c *checker) origins(path string, values []string) []string {
	if slices.Equal(values, []string{"*"}) || len(values) == 0 {
		return nil
	}
	origins := make([]string, len(values))
	for i, value := range values {
		itemPath := path + "[" + strconv.Itoa(i) + "]"
		if _, isList := c.places[itemPath]; !isList {
			itemPath = path
		}
		var message, hint string
		if origins[i], message, hint = origin(value); message != "" {
			c.add(itemPath, message, hint)
		}
	}
	c.noRepeats(path, origins)
	return origins
}

// origin checks one origin and writes it as browsers do (RFC 6454, section 6.2): in lower case, without the scheme's own port.
func origin(text string) (normal, message, hint string) {
	const example = "for example https://www.example.com"
	scheme, rest, found := strings.Cut(strings.ToLower(text), "://")
	switch {
	case text == "*":
		return "", "* allows any site, so nothing may stand beside it", "leave origins out to allow any site, or remove *"
	case text == "null":
		return "", "null is not a site: every sandboxed page and local file calls itself that", "name the site, " + example
	case !found:
		return "", "must start with https:// or http://", example
	case scheme != "https" && scheme != "http":
		return "", "must start with https:// or http://", example
	case strings.Contains(rest, "@"):
		return "", "must not hold a user name or password", example
	case strings.HasSuffix(rest, "/") && strings.Count(rest, "/") == 1:
		return "", "must not end with a slash", "remove it: browsers send an origin without one"
	case strings.ContainsAny(rest, "/?#"):
		return "", "must end after the host or port", "an origin is a whole site and has no path, " + example
	}
	bare, wildcard := strings.CutPrefix(rest, "*.")
	if strings.Contains(bare, "*") {
		return "", "has a * where none may stand", "a * may stand for the first part of the name, as in https://*.example.com"
	}
	for _, r := range bare {
		if r > '~' {
			return "", "has letters that host names cannot have", "write the name as browsers send it, which starts with xn--"
		}
	}
	u, err := url.Parse(scheme + "://" + bare)
	if err != nil || !goodHost(u) || strings.Contains(bare, "%") || wildcard && net.ParseIP(u.Hostname()) != nil {
		return "", "has no usable host name or port", example + " or https://www.example.com:8443"
	}
	// Leading zeros in a port number would be a port that no browser writes.
	port, _ := strconv.Atoi(u.Port())
	host := strings.TrimSuffix(u.Host, ":"+u.Port())
	if wildcard {
		host = "*." + host
	}
	if port != 0 && port != map[string]int{"http": 80, "https": 443}[scheme] {
		host += ":" + strconv.Itoa(port)
	}
	return scheme + "://" + host, "", ""
}
