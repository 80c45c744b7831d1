package config

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// origins returns the normalized web origins that may embed a widget, or nil for any.
func (c *checker) origins(path string, values []string) []string {
	if slices.Equal(values, []string{"*"}) || len(values) == 0 {
		return nil
	}
	origins := make([]string, len(values))
	for i, value := range values {
		normal, wrong := origin(value)
		if wrong != nil {
			c.add(c.item(path, i), wrong.message, wrong.hint)
		}
		origins[i] = normal
	}
	c.noRepeats(path, origins)
	return origins
}

// origin normalizes one origin as browsers do (RFC 6454, section 6.2): in lower case, without the scheme's default port.
func origin(text string) (normal string, wrong *help) {
	const example = "for example https://www.example.com"
	scheme, rest, found := strings.Cut(strings.ToLower(text), "://")
	switch {
	case text == "*":
		return "", &help{"* allows any site and must be the only origin", "leave origins out to allow any site, or remove *"}
	case text == "null":
		return "", &help{"null is not a site: every sandboxed page and local file has this origin", "name the site, " + example}
	case !found || scheme != "https" && scheme != "http":
		return "", &help{"must start with https:// or http://", example}
	case strings.Contains(rest, "@"):
		return "", &help{"must not hold a user name or password", example}
	case strings.HasSuffix(rest, "/") && strings.Count(rest, "/") == 1:
		return "", &help{"must not end with a slash", "remove it: browsers send an origin without one"}
	case strings.ContainsAny(rest, "/?#"):
		return "", &help{"must end after the host or port", "an origin is a whole site and has no path, " + example}
	}
	bare, wildcard := strings.CutPrefix(rest, "*.")
	if strings.Contains(bare, "*") {
		return "", &help{"has a * in the wrong place", "a * may replace the first part of the name, as in https://*.example.com"}
	}
	if strings.ContainsFunc(bare, func(r rune) bool { return r > '~' }) {
		return "", &help{"has letters that host names can't have", "write the name as browsers send it, which starts with xn--"}
	}
	u, err := url.Parse(scheme + "://" + bare)
	if err != nil || !goodHost(u) || strings.Contains(bare, "%") || wildcard && net.ParseIP(u.Hostname()) != nil {
		return "", &help{noHost, example + " or https://www.example.com:8443"}
	}
	port, _ := strconv.Atoi(u.Port()) // drops leading zeros, which browsers never write
	host := strings.TrimSuffix(u.Host, ":"+u.Port())
	if wildcard {
		host = "*." + host
	}
	if port != 0 && port != map[string]int{"http": 80, "https": 443}[scheme] {
		host += ":" + strconv.Itoa(port)
	}
	return scheme + "://" + host, nil
}
