package config

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// RateLimit is how many requests a client of the public service may make.
type RateLimit struct {
	Requests     int           // at once, 0 for no limit, at most 10000
	Per          time.Duration // in which they come back: whole seconds, 1s to 1h
	SparePrivate bool          // whether clients with loopback, private and link-local addresses have no limit
}

// defaultRateLimit lets a browser ask ten times a second. It spares private addresses, because such a client is the operator or, more
// likely, a proxy whose visitors would all count as one: what nobody asked for must not shut out a whole website.
var defaultRateLimit = RateLimit{Requests: 600, Per: time.Minute, SparePrivate: true}

// rateLimit gives the limit that the file says, or the default.
func (c *checker) rateLimit(path string, in *FileRateLimit) RateLimit {
	if in == nil {
		return defaultRateLimit
	}
	if in.Per%time.Second != 0 {
		c.add(path+".per", "must be whole seconds", "the header field that tells visitors of the limit has no smaller unit")
	}
	return RateLimit{Requests: in.Requests, Per: in.Per}
}

// Events is how many streams of events the public service may hold.
type Events struct {
	Max           int  // in all, 0 for none at all, at most 1000000
	MaxPerAddress int  // of a client, at least 1
	MaxPerWidget  int  // that follow one widget, 0 for as many as in all
	SparePrivate  bool // whether MaxPerAddress is not for clients with loopback, private and link-local addresses
}

// defaultEvents has room, for an address, for all tabs of a household or a small office; those that it refuses can poll. It spares private
// addresses for the same reason as defaultRateLimit.
var defaultEvents = Events{Max: 10_000, MaxPerAddress: 20, SparePrivate: true}

// events gives the limits that the file says, or the defaults.
func (*checker) events(in *FileEvents) Events {
	if in == nil {
		return defaultEvents
	}
	out := Events{Max: in.Max, MaxPerAddress: in.MaxPerAddress, MaxPerWidget: in.MaxPerWidget}
	if out.MaxPerAddress == 0 { // it is not written
		out.MaxPerAddress, out.SparePrivate = defaultEvents.MaxPerAddress, true
	}
	return out
}

// trustedProxies gives the ranges of addresses of a list.
func (c *checker) trustedProxies(path string, values []string) (all []netip.Prefix) {
	normal := make([]string, len(values))
	for i, value := range values {
		itemPath := path + "[" + strconv.Itoa(i) + "]"
		if _, isList := c.places[itemPath]; !isList {
			itemPath = path
		}
		proxy, message, hint := proxyRange(value)
		if message != "" {
			c.add(itemPath, message, hint)
			continue
		}
		all = append(all, proxy)
		normal[i] = proxy.String()
	}
	c.noRepeats(path, normal)
	return all
}

// proxyRange reads an address, as the range that holds it alone, or a range in CIDR notation (RFC 4632, section 3.1). IPv6 forms of IPv4
// become IPv4, as they are in what arrives.
func proxyRange(text string) (proxy netip.Prefix, message, hint string) {
	const example = "for example 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32"
	if strings.ContainsAny(text, ", ") {
		return proxy, "must be one address or range", "write several as a list, as in [10.0.0.0/8, 192.0.2.7]"
	}
	alone, _, ranged := strings.Cut(text, "/")
	address, err := netip.ParseAddr(alone)
	if err != nil {
		if _, err := netip.ParseAddrPort(text); err == nil {
			return proxy, "must not have a port", "write the address only, " + example
		}
		return proxy, "is not an IP address or a range of them", example
	}
	if address.Zone() != "" {
		return proxy, "must not name a network interface", "remove the % and all that follows"
	}
	if ranged {
		if proxy, err = netip.ParsePrefix(text); err != nil {
			return proxy, "has no usable number of bits after the slash", example
		}
	} else {
		proxy = netip.PrefixFrom(address, address.BitLen())
	}
	if whole := proxy.Masked(); proxy != whole {
		return proxy, "is an address within a range, not the range", "the range is " + unmapped(whole).String() + ", the address alone " + address.Unmap().String()
	}
	if proxy = unmapped(proxy); proxy.Bits() == 0 {
		return proxy, "is every address there is", "name your proxies only: what these say of a visitor's address is believed"
	}
	return proxy, "", ""
}

// unmapped is a range as IPv4 when it is the IPv6 form of one.
func unmapped(p netip.Prefix) netip.Prefix {
	const before = 96 // bits, of ::ffff:0:0/96
	if p.Addr().Is4In6() && p.Bits() >= before {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-before)
	}
	return p
}
