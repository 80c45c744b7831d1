package webhook

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

var (
	errForbidden = errors.New("its address is link-local, of cloud metadata, or not that of a single machine, which waitboard always refuses")
	errPrivate   = errors.New("its address is private or of this machine; set allow_private: true if that is intended")
)

// metadata are the addresses of cloud metadata that are not link-local.
var metadata = addresses("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")

var (
	nat64        = netip.MustParsePrefix("64:ff9b::/96")
	localNAT64   = netip.MustParsePrefix("64:ff9b:1::/48")
	siit         = netip.MustParsePrefix("::ffff:0:0:0/96")
	sixToFour    = netip.MustParsePrefix("2002::/16")
	noHost       = prefixes("0.0.0.0/8", "192.88.99.0/24", "240.0.0.0/4", "fec0::/10", "100::/64", "2001::/32")
	noPublicHost = prefixes("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "64:ff9b:1::/48")
)

func addresses(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// checkAddress returns why a message must not be sent to an address.
func checkAddress(ip netip.Addr, allowPrivate bool) (reason error) {
	ip = ip.WithZone("").Unmap()
	for _, each := range append(embedded(ip), ip) {
		switch {
		case each.IsUnspecified(), each.IsMulticast(), each.IsLinkLocalUnicast(), slices.Contains(metadata, each), contains(noHost, each):
			return errForbidden
		case !allowPrivate && (each.IsPrivate() || each.IsLoopback() || contains(noPublicHost, each)):
			reason = errPrivate
		}
	}
	return reason
}

// embedded returns the IPv4 addresses to which an IPv6 address of a translator or a tunnel may lead.
func embedded(ip netip.Addr) []netip.Addr {
	raw := ip.As16()
	v4 := func(at ...int) netip.Addr {
		return netip.AddrFrom4([4]byte{raw[at[0]], raw[at[1]], raw[at[2]], raw[at[3]]})
	}
	last := v4(12, 13, 14, 15)
	switch {
	case ip.Is4():
		return nil
	case localNAT64.Contains(ip): // the length of its prefix is unknown; RFC 6052 has a place for each
		all := []netip.Addr{last, v4(6, 7, 9, 10), v4(7, 9, 10, 11), v4(9, 10, 11, 12)}
		return slices.DeleteFunc(all, func(a netip.Addr) bool { return a.As4()[0] == 0 }) // it is elsewhere
	case sixToFour.Contains(ip):
		return []netip.Addr{v4(2, 3, 4, 5)}
	case nat64.Contains(ip), siit.Contains(ip), isatap(raw):
		return []netip.Addr{last}
	case [12]byte(raw[:12]) == [12]byte{} && !ip.IsLoopback(): // IPv4-compatible
		return []netip.Addr{last}
	}
	return nil
}

// isatap reports whether the second half of an address is that of RFC 5214.
func isatap(raw [16]byte) bool {
	return raw[8]&^2 == 0 && raw[9] == 0 && raw[10] == 0x5e && raw[11] == 0xfe
}

func contains(all []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// control checks the address of each connection after its name was looked up, so that no later answer of DNS can replace it.
func control(allowPrivate bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error { return checkDialed(address, allowPrivate) }
}

// checkDialed checks an address with a port.
func checkDialed(address string, allowPrivate bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return errForbidden
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return errForbidden
	}
	return checkAddress(ip, allowPrivate)
}
