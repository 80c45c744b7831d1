package handlers

import (
	"net/netip"
	"strings"
)

// maxHost bounds the length of a site's host name and port. DNS allows more, but no known site needs it.
const maxHost = 128

// parseSite reads the address of a web page, or an origin. It returns the site (scheme, host, and port unless it is the default
// one) in the form of RFC 6454, section 6.2, and the path. It fails for other schemes, such as file and chrome-extension, for
// addresses with user info, and for host names that aren't ASCII: browsers send them in punycode.
func parseSite(text string) (site, path string, ok bool) {
	var start int
	var defaultPort string
	switch {
	case hasScheme(text, "https://"):
		start, defaultPort = len("https://"), ":443"
	case hasScheme(text, "http://"):
		start, defaultPort = len("http://"), ":80"
	default:
		return "", "", false
	}
	end, upper := start, text[0] == 'H'
authority:
	for ; end < len(text) && end <= start+maxHost; end++ {
		switch c := text[end]; {
		case c == '/', c == '?', c == '#':
			break authority
		case 'A' <= c && c <= 'Z':
			upper = true
		}
	}
	site, path = text[:end], text[end:]
	if upper {
		site = strings.ToLower(site)
	}
	site = strings.TrimSuffix(site, defaultPort)
	return site, path, isHost(site[start:])
}

func hasScheme(text, scheme string) bool {
	return strings.HasPrefix(text, scheme) || len(text) > len(scheme) && text[0] == 'H' && strings.EqualFold(text[:len(scheme)], scheme)
}

// isHost reports whether a text is a host name or an address in lower case, perhaps with a port.
func isHost(text string) bool {
	if strings.HasPrefix(text, "[") {
		address, port, closed := strings.Cut(text[1:], "]")
		ip, err := netip.ParseAddr(address)
		return closed && err == nil && ip.Is6() && ip.Zone() == "" && (port == "" || port[0] == ':' && isPort(port[1:]))
	}
	if len(text) > maxHost {
		return false
	}
	label := 0 // length of the last one
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			label++
		case c == '.' && label > 0:
			label = 0
		case c == ':' && label > 0:
			return isPort(text[i+1:])
		default:
			return false
		}
	}
	return text != ""
}

func isPort(text string) bool {
	if len(text) == 0 || len(text) > 5 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
