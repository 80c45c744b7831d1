package doctor

import (
	"net"
	"net/url"
	"strings"
)

// matchesSource reports whether a source expression of a policy allows a page at self to load target (CSP Level 3, section 6.7.2.8). Nonces,
// hashes and most keywords are not addresses and match nothing here.
func matchesSource(source string, target, self *url.URL) bool {
	switch {
	case source == "*":
		return target.Scheme == "http" || target.Scheme == "https" || target.Scheme == "ws" || target.Scheme == "wss" || target.Scheme == self.Scheme
	case strings.EqualFold(source, "'self'"):
		return sameOrSafer(self, target)
	case strings.HasPrefix(source, "'"):
		return false
	}
	if scheme, rest, ok := strings.Cut(source, ":"); ok && rest == "" && isScheme(scheme) { // https:
		return matchesScheme(strings.ToLower(scheme), target.Scheme)
	}
	scheme, rest, ok := strings.Cut(source, "://")
	if !ok {
		scheme, rest = self.Scheme, source
	} else if !isScheme(scheme) {
		return false
	}
	rest, path, _ := strings.Cut(rest, "/")
	host, port := rest, ""
	if at := strings.LastIndexByte(rest, ':'); at >= 0 {
		if host, port = rest[:at], rest[at+1:]; port == "" {
			return false
		}
	}
	hasPath := len(path) > 0
	return matchesScheme(strings.ToLower(scheme), target.Scheme) && matchesHost(strings.ToLower(host), strings.ToLower(target.Hostname())) &&
		matchesPort(port, strings.ToLower(scheme), target) && (!hasPath || matchesPath("/"+path, target))
}

func isScheme(s string) bool {
	for i, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", r)) {
			return false
		}
	}
	return s != ""
}

// matchesScheme reports whether a scheme is allowed. Its secure variant is allowed too (section 6.7.2.9).
func matchesScheme(allowed, scheme string) bool {
	return allowed == scheme || allowed == "http" && scheme == "https" || allowed == "ws" && (scheme == "wss" || scheme == "http" || scheme == "https") ||
		allowed == "wss" && scheme == "https"
}

// matchesHost reports whether a host matches. *.example.com matches every name below example.com, at any depth, but not example.com. By the
// standard no IP address but 127.0.0.1 matches; browsers ignore this, and so does matchesHost.
func matchesHost(pattern, host string) bool {
	if pattern == "*" {
		return true
	}
	if suffix, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasPrefix(suffix, ".") && len(host) > len(suffix) && strings.HasSuffix(host, suffix)
	}
	return pattern != "" && pattern == host
}

var defaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443"}

// matchesPort reports whether the target's port is allowed. No port means the default one; 80 also allows 443 of the secure scheme
// (section 6.7.2.11).
func matchesPort(allowed, scheme string, target *url.URL) bool {
	actual := portOf(target)
	switch allowed {
	case "*", actual:
		return true
	case "":
		return actual == defaultPorts[target.Scheme]
	}
	return allowed == "80" && actual == "443" && (scheme == "http" || scheme == "ws")
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return defaultPorts[u.Scheme]
}

// matchesPath reports whether the target's path is allowed. A path with a slash at its end allows all below it, another one only itself
// (section 6.7.2.12).
func matchesPath(allowed string, target *url.URL) bool {
	allowed, _, _ = strings.Cut(allowed, "?")
	allowed, err := url.PathUnescape(allowed)
	if err != nil {
		return false
	}
	path := target.Path
	if path == "" {
		path = "/"
	}
	if allowed == "/" && path == "/" {
		return true
	}
	if strings.HasSuffix(allowed, "/") {
		return strings.HasPrefix(path, allowed)
	}
	return path == allowed
}

// sameOrSafer implements 'self': the page's own origin, or the same host by https at the default ports (section 6.7.2.8, last step).
func sameOrSafer(self, target *url.URL) bool {
	if !strings.EqualFold(self.Hostname(), target.Hostname()) {
		return false
	}
	if self.Scheme == target.Scheme && portOf(self) == portOf(target) {
		return true
	}
	usual := portOf(self) == defaultPorts[self.Scheme] && portOf(target) == defaultPorts[target.Scheme]
	return (usual || portOf(self) == portOf(target)) && self.Scheme == "http" && target.Scheme == "https"
}

// parseHTTP parses an absolute http or https URL. It returns nil for any other text.
func parseHTTP(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil
	}
	return u
}

// baseOf returns the address of a service without a slash at its end, "" for an invalid one.
func baseOf(address string) string {
	u := parseHTTP(address)
	if u == nil {
		return ""
	}
	return origin(u) + strings.TrimRight(u.Path, "/")
}

// origin returns the origin of a URL, as browsers write it.
func origin(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if name, port, err := net.SplitHostPort(host); err == nil && port == defaultPorts[u.Scheme] {
		host = name
		if strings.Contains(name, ":") {
			host = "[" + name + "]"
		}
	}
	return u.Scheme + "://" + host
}
