package config

import (
	"net"
	"net/netip"
)

// minTokenLength makes a token hard to guess: 16 letters and digits have more than 80 bits.
const minTokenLength = 16

// adminToken returns the token that operators must present. An address that other machines can reach needs one. A host name may lead to
// such an address; the service checks it when it listens.
func (c *checker) adminToken(file *File) Secret {
	const path = "admin_token_env"
	switch {
	case !c.ok(path):
		// reported already
	case c.has(path):
		return c.guarded(path, file.AdminTokenEnv, "WAITBOARD_ADMIN_TOKEN", "token")
	case file.Admin != "" && c.ok("admin") && reachable(file.Admin):
		c.add("admin", "can be reached from other machines, which needs a token",
			"name the environment variable that holds it with admin_token_env, or listen on 127.0.0.1 only")
	}
	return Secret{}
}

// guarded reads a secret that must be hard to guess from the environment.
func (c *checker) guarded(path, name, example, what string) Secret {
	if !c.variable(path, name, example, what) {
		return Secret{}
	}
	secret := c.secretFromEnv(path, name, what, "make one with: openssl rand -hex 32")
	if n := len(secret.Reveal()); n > 0 && n < minTokenLength {
		c.add(path, "the environment variable holds less than 16 characters, which could be guessed", "make one with: openssl rand -hex 32")
	}
	return secret
}

// reachable reports whether other machines can reach an address: any IP address except loopback, or all addresses of this machine.
func reachable(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && !ip.Unmap().IsLoopback()
}
