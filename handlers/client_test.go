package handlers

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func from(peer string, forwarded ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = peer
	if forwarded != nil {
		r.Header[forwardedFor] = forwarded
	}
	return r
}

func TestClientAddress(t *testing.T) {
	const proxy = "10.0.0.1:4711"
	tests := []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "203.0.113.9:1", nil, "203.0.113.9"},
		{"no proxy, IPv6", "[2001:db8::9]:1", nil, "2001:db8::9"},
		{"no proxy, mapped", "[::ffff:203.0.113.9]:1", nil, "203.0.113.9"},
		{"link-local", "[fe80::1%eth0]:1", nil, "fe80::1"},
		{"a request of the proxy itself", proxy, nil, "10.0.0.1"},
		{"one proxy", proxy, []string{"203.0.113.9"}, "203.0.113.9"},
		{"a mapped proxy", "[::ffff:192.0.2.7]:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"an IPv6 proxy", "[2001:db8:5::1]:1", []string{"2001:db8::9"}, "2001:db8::9"},
		{"two proxies", proxy, []string{"203.0.113.9, 192.0.2.7"}, "203.0.113.9"},
		{"two proxies, two lines", proxy, []string{"203.0.113.9", "192.0.2.7"}, "203.0.113.9"},
		{"mapped entries", proxy, []string{"::ffff:203.0.113.9,::ffff:192.0.2.7"}, "203.0.113.9"},

		{"spoofed without a proxy", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		{"spoofed as a proxy, without one", "203.0.113.9:1", []string{"198.51.100.1, 10.0.0.1"}, "203.0.113.9"},
		{"spoofed behind a proxy", proxy, []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		{"spoofed in a line of its own", proxy, []string{"198.51.100.1", "203.0.113.9"}, "203.0.113.9"},
		{"spoofed proxies", proxy, []string{"198.51.100.1, 10.0.0.9, 203.0.113.9, 192.0.2.7"}, "203.0.113.9"},
		{"spoofed garbage", proxy, []string{"<script>, ,,203.0.113.9"}, "203.0.113.9"},
		{"not quite trusted", "192.0.2.8:1", []string{"198.51.100.1"}, "192.0.2.8"},

		{"port", proxy, []string{"203.0.113.9:5678"}, "203.0.113.9"},
		{"port, IPv6", proxy, []string{"[2001:db8::9]:443"}, "2001:db8::9"},
		{"brackets", proxy, []string{"[2001:db8::9]"}, "2001:db8::9"},
		{"ports all over", proxy, []string{"203.0.113.9:1, 10.2.2.2:2, [2001:db8:5::1]:3"}, "203.0.113.9"},
		{"interface", proxy, []string{"fe80::1%eth0"}, "fe80::1"},
		{"white space and empty entries", proxy, []string{"", " ,\t203.0.113.9 , , 10.0.0.2,", ""}, "203.0.113.9"},

		{"all trusted", proxy, []string{"10.0.0.4, 10.0.0.3, 10.0.0.2"}, "10.0.0.4"},
		{"empty", proxy, []string{""}, "10.0.0.1"},
		{"commas", proxy, []string{",,,"}, "10.0.0.1"},
		{"unknown", proxy, []string{"unknown"}, "10.0.0.1"},
		{"unknown to the second", proxy, []string{"203.0.113.9, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"a name", proxy, []string{"visitor.example.com"}, "10.0.0.1"},
		{"no number for a port", proxy, []string{"203.0.113.9:http"}, "10.0.0.1"},
		{"half a bracket", proxy, []string{"[2001:db8::9"}, "10.0.0.1"},
		{"a bracket alone", proxy, []string{"["}, "10.0.0.1"},
		{"both brackets alone", proxy, []string{"[]"}, "10.0.0.1"},
		{"quotes", proxy, []string{`"203.0.113.9"`}, "10.0.0.1"},
		{"octal", proxy, []string{"203.0.113.09"}, "10.0.0.1"},
		{"a range", proxy, []string{"203.0.113.0/24"}, "10.0.0.1"},
		{"thousands of hops", proxy, []string{"203.0.113.9" + strings.Repeat(",10.0.0.2", 2000) + ", 10.0.0.3"}, "10.0.0.2"},
		{"thousands before the client", proxy, []string{strings.Repeat("10.0.0.2,", 2000) + "203.0.113.9"}, "203.0.113.9"},
		{"thousands of lines", proxy, append(make([]string, 2000), "203.0.113.9"), "203.0.113.9"},

		{"no address", "@", []string{"203.0.113.9"}, "invalid IP"},
	}
	whose := &clients{trusted: testProxies, log: quiet}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := whose.address(from(test.peer, test.forwarded...)); got.String() != test.want {
				t.Errorf("client %v, want %s", got, test.want)
			}
		})
	}
}

// FuzzClientAddress checks that the address that a trusted proxy adds counts, after any forged text, and that Echo reads
// the same where it can read the list.
func FuzzClientAddress(f *testing.F) {
	for _, seed := range []string{"", "198.51.100.1", "unknown, 10.0.0.1", "[2001:db8::1]:443,", "1.2.3.4:5, ::ffff:10.0.0.1", "%,[,]", "10.0.0.2,10.0.0.3"} {
		f.Add(seed)
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, proxy := range testProxies {
		_, network, err := net.ParseCIDR(proxy.String())
		if err != nil {
			f.Fatal(err)
		}
		options = append(options, echo.TrustIPRange(network))
	}
	byEcho := echo.ExtractIPFromXFFHeader(options...)
	proxy := netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, written string) {
		want := netip.MustParseAddr("203.0.113.9")
		for _, lines := range [][]string{{written, "203.0.113.9"}, {written + ",203.0.113.9, 10.0.0.2"}, {written, "203.0.113.9:80,192.0.2.7"}} {
			if got := forwardedClient(lines, proxy, testProxies); got != want {
				t.Errorf("%q: %v", lines, got)
			}
		}
		if written == "" || strings.Count(written, ",") >= maxHops {
			return
		}
		for entry := range strings.SplitSeq(written, ",") {
			if address, err := netip.ParseAddr(strings.TrimSpace(entry)); err != nil || address.Zone() != "" {
				return // Echo stops here, and returns the proxy's address
			}
		}
		theirs, err := netip.ParseAddr(byEcho(from("10.0.0.1:1", written)))
		if ours := forwardedClient([]string{written}, proxy, testProxies); err != nil || ours != plain(theirs) {
			t.Errorf("%q: %v, by Echo %v", written, ours, theirs)
		}
	})
}

func TestClientKey(t *testing.T) {
	for _, same := range [][]string{
		{"192.0.2.1", "::ffff:192.0.2.1"},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"},
		{"fe80::1%eth0", "fe80::1%eth1"},
	} {
		for _, other := range same[1:] {
			if key(other) != key(same[0]) {
				t.Errorf("%s and %s have different keys", other, same[0])
			}
		}
	}
	different := []clientKey{key("192.0.2.1"), key("192.0.2.2"), key("2001:db8:1:2::1"), key("2001:db8:1:3::1"), key("::1"), key("0.0.0.0"), key("0:0:c000:201::")}
	for i, each := range different {
		if slices.Contains(different[:i], each) {
			t.Errorf("client %d has the same key as another", i)
		}
	}
}
