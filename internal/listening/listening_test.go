package listening

import (
	"strings"
	"testing"
)

func TestTCP(t *testing.T) {
	taken, err := TCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	const form, port = "it is not an address of the form host:port", "the port after the colon must be a number up to 65535"
	for address, want := range map[string]string{
		taken.Addr().String(): "is another program using that port?",
		"":                    "",
		"foo":                 form,
		"127.0.0.1":           form,
		"::1":                 form,
		"127.0.0.1:":          "",
		"127.0.0.1:99999":     port,
		"127.0.0.1:-1":        port,
		"127.0.0.1:port":      port,
		"192.0.2.1:0":         "assign requested address", // an address of documentation, on no machine
	} {
		listener, err := TCP(address)
		if err == nil {
			listener.Close()
		}
		switch {
		case want == "" && err == nil:
		case err == nil || !strings.HasPrefix(err.Error(), "can't listen on "+address+": ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n"):
			t.Errorf("%q: %v, want %q", address, err, want)
		case strings.Contains(err.Error(), "another program") != (address == taken.Addr().String()):
			t.Errorf("%q: %v", address, err)
		}
	}
}
