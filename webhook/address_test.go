package webhook

import (
	"errors"
	"net/netip"
	"testing"
)

func TestCheckAddress(t *testing.T) {
	for _, test := range []struct {
		ip              string
		public, private error // without and with allow_private
	}{
		{"203.0.112.9", nil, nil},
		{"2a00:1450:4001:800::200e", nil, nil},
		{"64:ff9b::8.8.8.8", nil, nil},
		{"::ffff:8.8.8.8", nil, nil},
		{"2002:808:808::1", nil, nil},
		{"127.0.0.1", errPrivate, nil},
		{"127.9.9.9", errPrivate, nil},
		{"::1", errPrivate, nil},
		{"::ffff:127.0.0.1", errPrivate, nil},
		{"::127.0.0.1", errPrivate, nil},
		{"10.1.2.3", errPrivate, nil},
		{"172.16.0.1", errPrivate, nil},
		{"192.168.0.1", errPrivate, nil},
		{"100.64.0.1", errPrivate, nil},
		{"198.18.0.1", errPrivate, nil},
		{"fd12::1", errPrivate, nil},
		{"64:ff9b::10.0.0.1", errPrivate, nil},
		{"64:ff9b:1::a00:1", errPrivate, nil},
		{"2002:a00:1::1", errPrivate, nil},
		{"169.254.169.254", errForbidden, errForbidden},
		{"169.254.0.1", errForbidden, errForbidden},
		{"::ffff:169.254.169.254", errForbidden, errForbidden},
		{"64:ff9b::169.254.169.254", errForbidden, errForbidden},
		{"2002:a9fe:a9fe::1", errForbidden, errForbidden},
		{"fd00:ec2::254", errForbidden, errForbidden},
		{"100.100.100.200", errForbidden, errForbidden},
		{"168.63.129.16", errForbidden, errForbidden},
		{"fe80::1", errForbidden, errForbidden},
		{"fe80::1%eth0", errForbidden, errForbidden},
		{"0.0.0.0", errForbidden, errForbidden},
		{"0.1.2.3", errForbidden, errForbidden},
		{"::", errForbidden, errForbidden},
		{"224.0.0.1", errForbidden, errForbidden},
		{"255.255.255.255", errForbidden, errForbidden},
		{"ff02::1", errForbidden, errForbidden},
		{"2001:0:1::1", errForbidden, errForbidden},
	} {
		ip := netip.MustParseAddr(test.ip)
		if public, private := checkAddress(ip, false), checkAddress(ip, true); !errors.Is(public, test.public) || !errors.Is(private, test.private) {
			t.Errorf("%s: %v, with allow_private %v", test.ip, public, private)
		}
	}
}
