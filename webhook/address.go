package webhook

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

var (
	errForbidden = errors.New("its address is link-local, of cloud metadata, or not that of a single machine; waitboard always refuses it")
	errPrivate   = errors.New("its address is private or of this machine; set allow_private: true if that is intended")
)

// metadata are the addresses of cloud metadata that are not link-local.
var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16"), netip.MustParseAddr("192.0.0.192")}

var (
	nat64        = netip.MustParsePrefix("64:ff9b::/96")
	sixToFour    = netip.MustParsePrefix("2002::/16")
	noHost       = prefixes("0.0.0.0/8", "240.0.0.0/4", "fec0::/10", "100::/64", "2001::/32")
	noPublicHost = prefixes("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "64:ff9b:1::/48")
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// checkAddress returns why a message must not be sent to an address.
func checkAddress(ip netip.Addr, allowPrivate bool) error {
	ip = reached(ip.WithZone("").Unmap())
	switch {
	case ip.IsUnspecified(), ip.IsMulticast(), ip.IsLinkLocalUnicast(), slices.Contains(metadata, ip), contains(noHost, ip):
		return errForbidden
	case !allowPrivate && (ip.IsPrivate() || ip.IsLoopback() || contains(noPublicHost, ip)):
		return errPrivate
	}
	return nil
}

// reached returns the IPv4 address that an IPv6 address of a translator or a tunnel leads to; otherwise the address itself.
func reached(ip netip.Addr) netip.Addr {
	raw := ip.As16()
	var at int
	switch {
	case nat64.Contains(ip):
		at = 12
	case sixToFour.Contains(ip):
		at = 2
	case ip.Is6() && [12]byte(raw[:12]) == [12]byte{} && !ip.IsLoopback() && !ip.IsUnspecified(): // IPv4-compatible
		at = 12
	default:
		return ip
	}
	return netip.AddrFrom4([4]byte(raw[at : at+4]))
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
