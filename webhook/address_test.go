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
		{"::ffff:0:8.8.8.8", nil, nil},
		{"2a00:1450::5efe:8.8.8.8", nil, nil},
		{"2a00:1450::200:5efe:8.8.8.8", nil, nil},
		{"2a00:1450::400:5efe:10.0.0.1", nil, nil}, // not ISATAP
		{"192.88.98.1", nil, nil},
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
		{"64:ff9b:1::8.8.8.8", errPrivate, nil},
		{"64:ff9b:1:808:8:800::", errPrivate, nil},
		{"::ffff:0:10.0.0.1", errPrivate, nil},
		{"::ffff:0:127.0.0.1", errPrivate, nil},
		{"2a00:1450::5efe:10.0.0.1", errPrivate, nil},
		{"2a00:1450::200:5efe:127.0.0.1", errPrivate, nil},
		{"169.254.169.254", errForbidden, errForbidden},
		{"::ffff:0:169.254.169.254", errForbidden, errForbidden},
		{"::ffff:0:0.0.0.0", errForbidden, errForbidden},
		{"2a00:1450::5efe:169.254.169.254", errForbidden, errForbidden},
		{"2a00:1450::200:5efe:169.254.169.254", errForbidden, errForbidden},
		{"::5efe:169.254.169.254", errForbidden, errForbidden},
		{"64:ff9b:1::169.254.169.254", errForbidden, errForbidden},
		{"64:ff9b:1:a9fe:a9:fe00::", errForbidden, errForbidden},   // prefix of 48 bits
		{"64:ff9b:1:a9:fe:a9fe::", errForbidden, errForbidden},     // 56
		{"64:ff9b:1:7:a9:fea9:fe00:0", errForbidden, errForbidden}, // 64
		{"64:ff9b:1:7:0:0:a9fe:a9fe", errForbidden, errForbidden},  // 96
		{"192.88.99.0", errForbidden, errForbidden},
		{"192.88.99.255", errForbidden, errForbidden},
		{"64:ff9b::192.88.99.1", errForbidden, errForbidden},
		{"fd20:ce::254", errForbidden, errForbidden},
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
