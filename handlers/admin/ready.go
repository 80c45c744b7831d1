package admin

import (
	"fmt"
	"net/http"
	"strings"
)

// Readiness is whether the service is ready for visitors, and why not.
type Readiness struct {
	Ready  bool
	Checks []Check
}

// A Check is one part of readiness.
type Check struct {
	Name string
	OK   bool
	Note string // why it fails, or what is wrong although it passes, and what to do; empty: nothing
}

// ready sends the readiness as text, with ?verbose all checks in the form of Kubernetes.
func (a *admin) ready(w http.ResponseWriter, r *http.Request) {
	var text strings.Builder
	now := a.Readiness()
	if r.URL.Query().Has("verbose") {
		for _, c := range now.Checks {
			switch {
			case !c.OK:
				fmt.Fprintf(&text, "[-]%s failed: %s\n", c.Name, c.Note)
			case c.Note != "":
				fmt.Fprintf(&text, "[+]%s ok, but %s\n", c.Name, c.Note)
			default:
				fmt.Fprintf(&text, "[+]%s ok\n", c.Name)
			}
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if now.Ready {
		text.WriteString("readyz check passed\n")
	} else {
		w.WriteHeader(http.StatusServiceUnavailable)
		text.WriteString("readyz check failed\n")
	}
	_, _ = w.Write([]byte(text.String())) // fails if the client has gone
}
