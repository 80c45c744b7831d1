package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// address checks host:port. Port 0 is any free port; without a host it means all addresses of the machine.
func (c *checker) address(path, text string) {
	if !c.ok(path) {
		return
	}
	host, port, err := net.SplitHostPort(text)
	_, portErr := strconv.ParseUint(port, 10, 16)
	_, ipErr := netip.ParseAddr(host)
	const message = "is not an address of the form host:port"
	switch {
	case strings.Count(text, ":") > 1 && (err != nil || ipErr != nil) && !strings.ContainsAny(text, " /@"):
		c.add(path, message, `an IPv6 address needs brackets, and with them quotes: "[::1]:8080"`)
	case err != nil || portErr != nil || strings.ContainsAny(host, " /@"):
		c.add(path, message, "for example 127.0.0.1:8080, or :8080 for all addresses of this machine")
	}
}

// baseURL checks an http or https URL that ends with its path, and returns it without a slash at the end. Problems show example instead of
// the URL, which may hold a password.
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
		c.add(path, "must not have a query (?…), which might hold a key", "remove the question mark and all that follows")
	case strings.Contains(text, "#"):
		c.add(path, "must not have a fragment (#…), which might hold a key", "remove the # and all that follows")
	case !goodHost(u):
		c.add(path, noHost, "for example "+example)
	}
	return strings.TrimRight(text, "/")
}

// noHost is the message for a URL whose host or port can't be reached.
const noHost = "has no usable host name or port"

var hostPattern = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

// isHostName reports whether a text in lower case has the form of a host name.
func isHostName(text string) bool { return len(text) <= 253 && hostPattern.MatchString(text) }

// goodHost reports whether host and port of a URL have a valid form.
func goodHost(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if strings.HasPrefix(u.Host, "[") {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Is6() {
			return false
		}
	} else if !isHostName(host) {
		return false
	}
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}
