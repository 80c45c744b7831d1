package admin

import (
	"cmp"
	"strings"
	"time"

	"waitboard/api/operator"
)

// ofFailure explains why polls of a source fail.
func ofFailure(s *operator.Source, now time.Time) operator.Problem {
	what, remedy := Explain(s.Cause, s.Detail)
	p := operator.Problem{Kind: "source", Level: urgent, Source: s.ID, Text: "Polls of source " + s.ID + " fail: " + what + ".", Remedy: remedy}
	switch {
	case s.Cause == "unauthorized":
		p.Kind, p.Text = "key", "Source "+s.ID+" rejects its key."
		p.Remedy = "Check the key in " + s.Key + ", and its service user on that server."
	case s.Cause == "untrusted_tls" || s.Cause == "wrong_scheme":
		p.Kind = "tls"
		for _, known := range tlsFaults {
			if strings.Contains(s.Detail, known.says) {
				p.Text, p.Remedy = "Source "+s.ID+": "+known.text, known.remedy
				return p
			}
		}
		p.Text = "Source " + s.ID + " can't be trusted: " + what + "."
	case s.LastAnswer != nil && now.Sub(*s.LastAnswer) < silenceLimit:
		p.Level = warning // its values are young
	}
	return p
}

// Explain splits the detail of a failed poll into what is wrong and what to do, in a sentence. A detail without advice gets that of its cause.
func Explain(cause, detail string) (what, remedy string) {
	what, advice, _ := strings.Cut(detail, "; ")
	return what, cmp.Or(sentence(advice), remedies[cause], "Run waitboard check to see its response.")
}

// tlsFaults are the failures of TLS that need more than their detail, by a part of the detail.
var tlsFaults = []struct{ says, text, remedy string }{
	{"this port does not speak TLS", "the address speaks plain HTTP, not TLS.", "Change https:// in its url to http://, or name the port for TLS."},
	{"this port speaks TLS only", "the address speaks TLS only.", "Change http:// in its url to https://."},
	{"has expired", "its certificate has expired, or is not valid yet.", "Renew it on that server. Check the clocks of both machines."},
	{"is not trusted here", "its certificate is signed by an authority that is not trusted here.", "Set ca_file to the certificate of that authority."},
	{"not for that host name", "its certificate is not for that host name.", "Set server_name to a name in the certificate."},
	{"has no Subject Alternative Name", "its certificate has a Common Name only, which is no longer accepted.", "Set ca_file to the server's own certificate, or issue one with a Subject Alternative Name."},
	{"demands a client certificate", "it demands a client certificate.", "Set client_cert_file and client_key_file to one that it accepts."},
}

// remedies say what to do about a cause whose detail has no advice.
var remedies = map[string]string{
	"unauthorized": "Check the key and its service user.",
	"timeout":      "Check that the server is not overloaded, and that this machine reaches it.",
	"unreachable":  "Check that the server runs, and that the host and port in its url are right.",
	"rate_limited": "Raise interval, or the limit on that server.",
	"server_error": "Look at the log of that server.",
	"forbidden":    "Assign the metrics to the service user of the key. A proxy may also block requests.",
	"not_found":    "Check the path in its url: it ends before /api/v1, often with /rest.",
	"bad_request":  "Check the path in its url: it ends before /api/v1, often with /rest.",
	"malformed":    "Check that its url leads to the Realtime API and not to a web page.",
	"unexpected":   "Check that its url leads to the Realtime API, without a redirect.",
	"too_large":    "Check that its url leads to the Realtime API.",
}
