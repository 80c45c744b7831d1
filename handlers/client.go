package handlers

import (
	"encoding/binary"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// clients finds the addresses that requests come from.
type clients struct {
	trusted []netip.Prefix
	hint    sync.Once
	log     *slog.Logger
}

// address returns the client's address: the peer, or the address that a trusted proxy reports.
func (c *clients) address(r *http.Request) netip.Addr {
	peer, forwarded := peerAddress(r), r.Header[forwardedFor]
	switch {
	case forwarded == nil:
		return peer
	case contains(c.trusted, peer):
		return forwardedClient(forwarded, peer, c.trusted)
	}
	// Anyone can send the header, so this is a hint, and logged once.
	c.hint.Do(func() {
		c.log.Info("X-Forwarded-For ignored, sender not in trusted_proxies; if it is your proxy, add it, or all its visitors share one limit")
	})
	return peer
}

// peerAddress returns the other end of the connection, or the zero Addr if there is none.
func peerAddress(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return plain(peer.Addr())
}

const forwardedFor = "X-Forwarded-For"

// maxHops bounds the number of trusted proxies in a row.
const maxHops = 32

// forwardedClient returns the client by the lines of X-Forwarded-For. Each proxy appends the address of its peer. So the
// first untrusted address from the end is the client's, and everything before it may be forged.
//
// Echo's ExtractIPFromXFFHeader works alike, but can't read the ports that some proxies append, and allocates. A test
// compares both where Echo can read.
func forwardedClient(lines []string, proxy netip.Addr, trusted []netip.Prefix) netip.Addr {
	client, hops := proxy, 0
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			comma := strings.LastIndexByte(rest, ',')
			text := strings.TrimSpace(rest[comma+1:])
			rest = rest[:max(comma, 0)]
			if text == "" { // recipients ignore empty elements (RFC 9110, section 5.6.1.2)
				continue
			}
			hop, ok := parseHop(text)
			if hops++; !ok || hops > maxHops {
				return client // the farthest proxy with an address
			}
			if client = hop; !contains(trusted, client) {
				return client
			}
		}
	}
	return client
}

// parseHop reads an address in the notations of proxies: 192.0.2.1, 192.0.2.1:5678, 2001:db8::1, [2001:db8::1] and
// [2001:db8::1]:5678. Some proxies write a word instead, such as unknown.
func parseHop(text string) (address netip.Addr, ok bool) {
	bracket := strings.HasPrefix(text, "[")
	switch {
	case bracket && strings.HasSuffix(text, "]"):
		text = text[1 : len(text)-1]
	case bracket, strings.Count(text, ":") == 1:
		withPort, err := netip.ParseAddrPort(text)
		return plain(withPort.Addr()), err == nil
	}
	address, err := netip.ParseAddr(text)
	return plain(address), err == nil
}

// plain returns the notation for comparisons: IPv4 rather than IPv4-mapped IPv6 (::ffff:192.0.2.1), and without a zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func contains(all []netip.Prefix, a netip.Addr) bool {
	for _, each := range all {
		if each.Contains(a) {
			return true
		}
	}
	return false
}

// isPrivate reports whether an address is loopback, private (RFC 1918, RFC 4193) or link-local.
func isPrivate(a netip.Addr) bool { return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() }

// A clientKey identifies a client: an IPv4 address, or the first 64 bits of an IPv6 address, the smallest network that
// a subscriber gets.
type clientKey struct {
	network uint64
	ipv4    bool
}

// subscriberBits is the length of the prefix that all IPv6 addresses of a subscriber share.
const subscriberBits = 64 // at most 64

// keyOf returns the key of an IPv4 address, or of an IPv6 subscriber.
func keyOf(a netip.Addr) clientKey {
	if a.Is4() {
		bytes := a.As4()
		return clientKey{network: uint64(binary.BigEndian.Uint32(bytes[:])), ipv4: true}
	}
	bytes := a.As16()
	return clientKey{network: binary.BigEndian.Uint64(bytes[:]) &^ (1<<(64-subscriberBits) - 1)}
}
