package config

import (
	"net"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// minTokenLength keeps a token from being guessed: with letters and digits, 16 are more than 80 bits.
const minTokenLength = 16

// adminToken finds the token that operators must show. An address that other machines can reach needs one. Whether a host
// name leads to such an address is not known here; the service looks at the real one when it listens.
func (c *checker) adminToken(file *File) Secret {
	const path = "admin_token_env"
	_, named := c.places[path]
	switch {
	case !c.ok(path):
		// reported already
	case named:
		return c.tokenFromEnv(path, file.AdminTokenEnv)
	case file.Admin != "" && c.ok("admin") && reachable(file.Admin):
		c.add("admin", "can be reached from other machines, which needs a token",
			"name the environment variable that holds it with admin_token_env, or listen on 127.0.0.1 only")
	}
	return Secret{}
}

// tokenFromEnv reads the token. No problem repeats what stands in the file, unless it can't be a token: people put the token itself there.
func (c *checker) tokenFromEnv(path, name string) Secret {
	if !isVariable(name) {
		c.add(path, "is not the name of an environment variable", "write its name, such as WAITBOARD_ADMIN_TOKEN, and never the token itself")
		return Secret{}
	}
	text, ok := c.env(name)
	text = strings.TrimSpace(text)
	const remedy = "make one with: openssl rand -hex 32"
	switch {
	case !ok:
		c.add(path, unset(name), "set it where waitboard is started")
	case text == "":
		c.add(path, "the environment variable is empty", "it must hold the token; "+remedy)
	case len(text) > maxKeyBytes || strings.ContainsFunc(text, unsendable):
		c.add(path, "the environment variable holds something that cannot be a token", "a token is one line of letters, digits and signs, without spaces; "+remedy)
	case utf8.RuneCountInString(text) < minTokenLength:
		c.add(path, "the environment variable holds less than 16 characters, which could be guessed", remedy)
	default:
		return NewSecret(text)
	}
	return Secret{}
}

// reachable says whether an address is known to be one that other machines can reach: any IP address but loopback ones, and
// all addresses of this machine.
func reachable(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && !ip.Unmap().IsLoopback()
}
