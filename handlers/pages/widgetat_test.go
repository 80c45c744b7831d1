package pages

import (
	"net/url"
	"strings"
	"testing"
)

func FuzzWidgetAt(f *testing.F) {
	for _, address := range []string{"https://wait.example.com/base/w/support", "http://wait.example.com:80/base/embed/x?layout=line", "https://[::1]/base/w/", "%zz", "https://wait.example.com/base/w/%2e%2e/x"} {
		f.Add(address)
	}
	p := &Pages{Options: Options{PublicURL: "https://wait.example.com/base"}, base: "/base"}
	f.Fuzz(func(t *testing.T, address string) {
		id, _, ok := p.widgetAt(address)
		if !ok {
			if id != "" {
				t.Errorf("%q is rejected, but has the ID %q", address, id)
			}
			return
		}
		u, err := url.Parse(address)
		if err != nil || !strings.EqualFold(u.Hostname(), "wait.example.com") || u.User != nil || u.Path != "/base/w/"+id && u.Path != "/base/embed/"+id {
			t.Errorf("%q is accepted as the page of %q", address, id)
		}
	})
}
