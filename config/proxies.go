package config

import (
	"net/netip"
	"strings"
)

// trustedProxies parses a list of addresses and ranges.
func (c *checker) trustedProxies(path string, values []string) (all []netip.Prefix) {
	normal := make([]string, len(values))
	for i, value := range values {
		proxy, wrong := proxyRange(value)
		if wrong != nil {
			c.add(c.item(path, i), wrong.message, wrong.hint)
			continue
		}
		all = append(all, proxy)
		normal[i] = proxy.String()
	}
	c.noRepeats(path, normal)
	return all
}

// proxyRange parses a range in CIDR notation (RFC 4632, section 3.1), or an address as the range that holds it alone. IPv6 forms of IPv4
// become IPv4, as in requests.
func proxyRange(text string) (proxy netip.Prefix, wrong *help) {
	const example = "for example 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32"
	if strings.ContainsAny(text, ", ") {
		return proxy, &help{"must be one address or range", "write several as a list, as in [10.0.0.0/8, 192.0.2.7]"}
	}
	alone, _, ranged := strings.Cut(text, "/")
	address, err := netip.ParseAddr(alone)
	if err != nil || address.Zone() != "" {
		if _, err := netip.ParseAddrPort(text); err == nil {
			return proxy, &help{"must not have a port", "write the address only, " + example}
		}
		return proxy, &help{"is not an IP address or a range of addresses", example}
	}
	proxy = netip.PrefixFrom(address, address.BitLen())
	if ranged {
		if proxy, err = netip.ParsePrefix(text); err != nil {
			return proxy, &help{"has no usable number of bits after the slash", example}
		}
	}
	if whole := proxy.Masked(); proxy != whole {
		return proxy, &help{"is an address within a range, not the range", "the range is " + unmapped(whole).String() + ", the address alone " + address.Unmap().String()}
	}
	if proxy = unmapped(proxy); proxy.Bits() == 0 {
		return proxy, &help{"includes every address", "name your proxies only: the service believes what they report of a visitor's address"}
	}
	return proxy, nil
}

// unmapped returns the IPv4 range that an IPv6 range stands for, and any other range as it is.
func unmapped(p netip.Prefix) netip.Prefix {
	const before = 96 // bits, of ::ffff:0:0/96
	if p.Addr().Is4In6() && p.Bits() >= before {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-before)
	}
	return p
}
