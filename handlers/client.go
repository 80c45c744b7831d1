package handlers

import (
	"encoding/binary"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// clients tells from where requests come.
type clients struct {
	trusted []netip.Prefix
	hint    sync.Once
	log     *slog.Logger
}

// of is where a request comes from: its peer or, if that is a trusted proxy, whom the proxy names.
func (c *clients) of(r *http.Request) netip.Addr {
	peer, forwarded := peerAddress(r), r.Header[forwardedFor]
	switch {
	case forwarded == nil:
		return peer
	case contains(c.trusted, peer):
		return forwardedClient(forwarded, peer, c.trusted)
	}
	// There may be a proxy that the configuration doesn't name. Anyone can send the header, so this is a hint, and given once.
	c.hint.Do(func() {
		c.log.Info("X-Forwarded-For is ignored: it came from an address that is not in trusted_proxies; if that was a proxy of yours, name it there, so that its visitors are told apart")
	})
	return peer
}

// peerAddress is the other end of the connection. Those that can't be read, which TCP doesn't have, are all the same.
func peerAddress(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return plain(peer.Addr())
}

const forwardedFor = "X-Forwarded-For"

// maxHops is how many trusted proxies in a row are believed: more than anybody has.
const maxHops = 32

// forwardedClient is whom a trusted proxy got a request from, by the lines of X-Forwarded-For. Each proxy adds there, at
// the end, the address that it was asked by. So the list is read from its end for as long as a trusted proxy wrote it, and the
// first address that is not trusted is the client's: whatever stands before it, the client may have written itself.
//
// Echo's ExtractIPFromXFFHeader does the same, but can't read the ports that some proxies write, so that all visitors would count as
// one, and allocates for each request. A test holds the two together where Echo can read.
func forwardedClient(lines []string, proxy netip.Addr, trusted []netip.Prefix) netip.Addr {
	client, hops := proxy, 0
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			comma := strings.LastIndexByte(rest, ',')
			text := strings.TrimSpace(rest[comma+1:])
			rest = rest[:max(comma, 0)]
			if text == "" { // as RFC 9110, section 5.6.1.2, wants lists to be read
				continue
			}
			hop, ok := parseHop(text)
			if hops++; !ok || hops > maxHops {
				return client // the last proxy that is known: it doesn't tell whom it got the request from
			}
			if client = hop; !contains(trusted, client) {
				return client
			}
		}
	}
	return client
}

// parseHop reads an address, of which proxies write several forms: 192.0.2.1, 192.0.2.1:5678, 2001:db8::1, [2001:db8::1] and
// [2001:db8::1]:5678. Some write a word instead, such as unknown.
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

// plain writes an address in the one way in which it is compared: an IPv4 address as such also where it came as an IPv6
// one (::ffff:192.0.2.1), and without the name of a network interface.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func contains(all []netip.Prefix, a netip.Addr) bool {
	for _, each := range all {
		if each.Contains(a) {
			return true
		}
	}
	return false
}

// isPrivate tells addresses that nobody has on the internet: loopback, private use (RFC 1918, RFC 4193), link-local.
func isPrivate(a netip.Addr) bool { return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() }

// A clientKey is what counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address, since that is the
// least that a subscriber gets to choose addresses from.
type clientKey struct {
	network uint64
	ipv4    bool
}

// subscriberBits are those that are the same in all addresses of one subscriber of IPv6.
const subscriberBits = 64

func keyOf(a netip.Addr) clientKey {
	if a.Is4() {
		bytes := a.As4()
		return clientKey{network: uint64(binary.BigEndian.Uint32(bytes[:])), ipv4: true}
	}
	bytes := a.As16()
	return clientKey{network: binary.BigEndian.Uint64(bytes[:])}
}
