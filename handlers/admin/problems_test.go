package admin

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waitboard/api/operator"
)

// Each problem says what is wrong in words, what to do, and where.
func TestProblems(t *testing.T) {
	hour := noon.Add(-time.Hour)
	failing := func(cause, detail string) func(s *operator.State) {
		return func(s *operator.State) {
			s.Sources[0].State, s.Sources[0].Cause, s.Sources[0].Detail, s.Sources[0].FailingSince, s.Sources[0].LastAnswer = "failing", cause, detail, &hour, &hour
		}
	}
	metric := func(m operator.SourceMetric) func(s *operator.State) {
		return func(s *operator.State) {
			if m.UsedBy == nil {
				m.UsedBy = []string{"support.wait"}
			}
			s.Sources[0].Metrics = append(s.Sources[0].Metrics, m)
		}
	}
	clock := func(ahead float64) func(s *operator.State) {
		return func(s *operator.State) { s.Sources[0].ClockAhead = &ahead }
	}
	certificate := func(in time.Duration, automatic, late bool) func(s *operator.State) {
		return func(s *operator.State) {
			s.Certificate = &operator.Certificate{Expires: noon.Add(in), Automatic: automatic, Late: late}
		}
	}
	const day = 24 * time.Hour
	tests := []struct {
		name   string
		change func(s *operator.State)
		want   string // kind, level, source, widget: text (names) -> remedy (near)
	}{
		{"none", func(*operator.State) {}, ""},
		{"rejected configuration", func(s *operator.State) {
			s.Config = operator.Config{Reason: "it has mistakes", Problems: []string{"waitboard.yaml:1:1: listen: is missing"}}
		}, "config error : The configuration file is not in force: it has mistakes. The previous one stays in use. (waitboard.yaml:1:1: listen: is missing) -> Correct it. waitboard reads a changed file at once."},
		{"previous file", func(s *operator.State) {
			s.Config.Files = []operator.File{{Name: "a.yaml", State: "ok"}, {Name: "b.yaml", State: "previous", Problems: []string{"b.yaml:1:1: x"}}}
		},
			"file error : The included file b.yaml can't be used. Its previous sources and widgets stay in use. (b.yaml:1:1: x) -> Correct it."},
		{"skipped file", func(s *operator.State) { s.Config.Files = []operator.File{{Name: "b.yaml", State: "skipped"}} }, "file error : The included file b.yaml can't be used. Its sources and widgets are missing. -> Correct it."},
		{"certificate expires", certificate(3*day, false, false), "certificate warning : The certificate of the public listener expires in 3 days. -> Renew the file in cert_file."},
		{"certificate expired", certificate(-day, false, false), "certificate error : The certificate of the public listener has expired. Browsers refuse to connect. -> Renew the file in cert_file."},
		{"certificate is young", certificate(30*day, false, false), ""},
		{"certificate will be renewed", certificate(3*day, true, false), ""},
		{"certificate is not renewed", certificate(20*day, true, true), "certificate warning : The certificate of the public listener expires in 20 days. -> Check that port 443 of the host name leads here"},
		{"engine does not answer", func(s *operator.State) {
			s.Cluster = &operator.Cluster{Problem: "The engine of the cluster does not answer. This replica polls on its own."}
		}, "cluster error : The engine of the cluster does not answer. This replica polls on its own. -> Check that the engine runs"},
		{"clock of the replica", func(s *operator.State) {
			s.Cluster = &operator.Cluster{Connected: true, Problem: "The clock of this replica differs from that of the engine by 5s."}
		}, "cluster warning : The clock of this replica differs from that of the engine by 5s. -> Synchronize the clocks"},
		{"key rejected", failing("unauthorized", "the source rejects the key (status 401)"), "key error hq: Source hq rejects its key. -> Check the key in key_env KEY, and its service user"},
		{"plain HTTP", failing("untrusted_tls", "this port does not speak TLS; try http:// in the address"), "tls error hq: Source hq: the address speaks plain HTTP, not TLS. -> Change https:// in its url to http://"},
		{"plain HTTP, by a cause of its own", failing("wrong_scheme", "this port does not speak TLS; try http:// in the address"), "tls error hq: Source hq: the address speaks plain HTTP, not TLS. -> Change https:// in its url to http://"},
		{"TLS only", failing("untrusted_tls", "this port speaks TLS only; try https:// in the address"), "tls error hq: Source hq: the address speaks TLS only. -> Change http:// in its url to https://."},
		{"expired", failing("untrusted_tls", "its certificate has expired, or is not valid yet"), "tls error hq: Source hq: its certificate has expired, or is not valid yet. -> Renew it on that server."},
		{"authority", failing("untrusted_tls", "its certificate is signed by an authority that is not trusted here; set ca_file to that authority's certificate"), "tls error hq: Source hq: its certificate is signed by an authority that is not trusted here. -> Set ca_file"},
		{"another name", failing("untrusted_tls", "its certificate is not for that host name; set server_name to a name in the certificate"), "tls error hq: Source hq: its certificate is not for that host name. -> Set server_name"},
		{"no name", failing("untrusted_tls", "its certificate has no Subject Alternative Name, only a Common Name, which is no longer accepted"), "tls error hq: Source hq: its certificate has a Common Name only, which is no longer accepted. -> Set ca_file"},
		{"client certificate", failing("untrusted_tls", "it demands a client certificate; set client_cert_file and client_key_file"), "tls error hq: Source hq: it demands a client certificate. -> Set client_cert_file"},
		{"cipher", failing("untrusted_tls", "it has no TLS cipher in common with waitboard; turn ECDHE ciphers on there"), "tls error hq: Source hq can't be trusted: it has no TLS cipher in common with waitboard. -> Turn ECDHE ciphers on there."},
		{"timeout", failing("timeout", "no answer in time"), "source error hq: Polls of source hq fail: no answer in time. -> Check that the server is not overloaded"},
		{"unreachable", failing("unreachable", "its host name is not found"), "source error hq: Polls of source hq fail: its host name is not found. -> Check that the server runs, and that the host and port in its url are right."},
		{"refused", failing("unreachable", "the connection is refused; does it listen on that host and port?"), "source error hq: Polls of source hq fail: the connection is refused. -> Does it listen on that host and port?"},
		{"rate limited", failing("rate_limited", "status 429"), "source error hq: Polls of source hq fail: status 429. -> Raise interval"},
		{"server error", failing("server_error", "status 500"), "source error hq: Polls of source hq fail: status 500. -> Look at the log of that server."},
		{"not found", failing("not_found", "status 404"), "source error hq: Polls of source hq fail: status 404. -> Check the path in its url"},
		{"another cause", failing("strange", "x"), "source error hq: Polls of source hq fail: x. -> Run waitboard check"},
		{"one failed poll", func(s *operator.State) { failing("timeout", "no answer in time")(s); s.Sources[0].LastAnswer = &noon }, "source warning hq: Polls of source hq fail: no answer in time. -> Check"},
		{"key unreadable", func(s *operator.State) {
			s.Sources[0].State, s.Sources[0].ConfigProblems = "unusable", []string{"KEY is not set"}
		}, "source_config error hq: The key or the certificates of source hq can't be read. (KEY is not set) -> Correct them."},
		{"previous key", func(s *operator.State) { s.Sources[0].ConfigProblems = []string{"k.txt is missing"} }, "source_config warning hq: The key or the certificates of source hq can't be read. The previous ones stay in use. (k.txt is missing) -> Correct them."},
		{"clock ahead", clock(3605), "clock warning hq: The clock of source hq is 60 min ahead. -> Set both clocks with NTP."},
		{"clock behind", clock(-45), "clock warning hq: The clock of source hq is 45 s behind. -> Set both clocks with NTP."},
		{"clock nearly right", clock(-29), ""},
		{"source's certificate", func(s *operator.State) { soon := noon.Add(5 * day); s.Sources[0].CertificateExpires = &soon }, "source_certificate warning hq: The certificate of source hq expires in 5 days. -> Renew it on that server."},
		{"missing metric", metric(operator.SourceMetric{Reason: "not_found", Text: "no metric with this ID or exact name exists, or none is assigned to the key's user", Metric: "Current Wat", Near: []string{"Current Wait (M1)"}}),
			"metric error hq support: support.wait has no value: no metric with this ID or exact name exists, or none is assigned to the key's user. (Current Wat) -> Set metric to a name or ID that source hq lists, or assign the metric to the service user of its key. (Current Wait (M1))"},
		{"no list", metric(operator.SourceMetric{Reason: "list_unavailable", Text: "the source's list of metrics can't be read (timeout: no answer in time); configure the metric ID, which needs no list", Metric: "A"}), "metric error hq support: support.wait has no value: the source's list of metrics can't be read (timeout: no answer in time). (A) -> Configure the metric ID, which needs no list."},
		{"ambiguous metric", metric(operator.SourceMetric{Reason: "ambiguous", Text: "several metrics have this name; use the metric ID", Metric: "A"}), "metric error hq support: support.wait has no value: several metrics have this name. (A) -> Set metric to the ID of one of them."},
		{"category gone", metric(operator.SourceMetric{Reason: "category_missing", Text: "a chosen category value is not among those of the metric", Metric: "A", Categories: []string{"Sales"}}), "category error hq support: support.wait has no value: a chosen category value is not among those of the metric. (Sales) -> Set category to a value that the metric has."},
		{"category gone from two widgets", metric(operator.SourceMetric{Reason: "category_missing", Text: "a chosen category value is not among those of the metric", Metric: "A", UsedBy: []string{"support.wait", "sales.wait"}, Categories: []string{"Sales"}}), "category error hq: support.wait and sales.wait have no value: a chosen"},
		{"used by many", metric(operator.SourceMetric{Reason: "ambiguous", Text: "several metrics have this name; use the metric ID", Metric: "A", UsedBy: []string{"a.a", "a.b", "a.c", "a.d", "b.a"}}), "metric error hq: a.a, a.b, a.c and 2 other metrics have no value: several"},
		{"quarantine", metric(operator.SourceMetric{Reason: "quarantined", Text: "the source rejects it: forbidden", Metric: "A"}), "quarantine error hq support: support.wait has no value: the source rejects it: forbidden. (A) -> Assign the metric to the service user of the key."},
		{"unreadable value", metric(operator.SourceMetric{Reason: "unexpected", Text: "the source sends a value out of range", Metric: "A"}), "metric warning hq support: support.wait has no value: the source sends a value out of range. (A) -> Run waitboard check."},
		{"initializing", metric(operator.SourceMetric{Reason: "initializing", Text: "still initializing"}), ""},
		{"widget hidden", func(s *operator.State) { s.Widgets[0].State = "unavailable" }, "widget error support: Widget support shows no value, because all are too old. -> Look at the polls of its sources."},
		{"hidden because of its source", func(s *operator.State) {
			failing("timeout", "no answer in time")(s)
			s.Widgets[0].State = "unavailable"
		}, "source error hq: Polls of source hq fail"},
		{"hidden value", func(s *operator.State) { s.Widgets[0].Metrics[0].Hidden = true }, "widget error support: Widget support hides values that are too old. (Wait) -> Look"},
		{"stale", func(s *operator.State) { s.Widgets[0].Stale = true }, "widget warning support: Widget support shows stale values. -> Look"},
		{"removed with a notice", func(s *operator.State) { s.Widgets[1].State = "removed" }, "widget warning sales: Widget sales is not in the configuration, but still has a notice. -> Remove the notice"},
		{"origins", func(s *operator.State) {
			s.Widgets[0].Refused = []operator.Site{{Site: "https://a.example", Requests: 40}, {Site: "http://b.example", Requests: 1}}
		},
			"origins warning support: Widget support refused 41 requests from other sites in 24 hours. (https://a.example, http://b.example) -> If a site is yours, add it to the widget's origins."},
		{"webhook", func(s *operator.State) {
			s.Webhooks = []operator.Webhook{{ID: "chat", State: "failing", Problem: "status 500"}, {ID: "ok", State: "ok"}}
		}, "webhook warning : Webhook chat does not deliver. (Status 500.) -> Run waitboard check --send-test"},
		{"webhook without URL", func(s *operator.State) {
			s.Webhooks = []operator.Webhook{{ID: "chat", State: "unusable", Problem: "secret_file: no file"}}
		}, "webhook warning : Webhook chat sends nothing, because its URL or its secret can't be read. (secret_file: no file) -> Correct its configuration."},
		{"webhook with its previous URL", func(s *operator.State) {
			s.Webhooks = []operator.Webhook{{ID: "chat", State: "misconfigured", Problem: "url_file: no file"}}
		}, "webhook warning : Webhook chat is not as configured. (url_file: no file) -> Correct its configuration."},
		{"webhook on a full disk", func(s *operator.State) {
			s.Webhooks = []operator.Webhook{{ID: "chat", State: "blocked", Problem: "no space left"}}
		}, "webhook warning : Webhook chat sends nothing new. (No space left.) -> Make room on the disk"},
		{"webhook with a full queue", func(s *operator.State) {
			s.Webhooks = []operator.Webhook{{ID: "chat", State: "lossy", Problem: "5 messages were dropped"}}
		}, "webhook warning : Webhook chat lost messages. (5 messages were dropped.) -> Run waitboard check"},
		{"webhook of another replica", func(s *operator.State) { s.Webhooks = []operator.Webhook{{ID: "chat", State: "elsewhere"}} }, ""},
		{"webhook that says what to do", func(s *operator.State) {
			s.Webhooks = []operator.Webhook{{ID: "chat", State: "failing", Problem: "the connection is refused; does it listen on that host and port?"}}
		}, "webhook warning : Webhook chat does not deliver. (The connection is refused.) -> Does it listen on that host and port?"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := testState()
			test.change(&s)
			got := problems(&s)
			if test.want == "" || len(got) != 1 {
				if len(got) > 0 {
					t.Errorf("%+v", got)
				} else if test.want != "" {
					t.Error("none")
				}
				return
			}
			p := got[0]
			text := p.Kind + " " + p.Level + " " + strings.TrimSpace(p.Source+" "+p.Widget) + ": " + p.Text
			if p.Names != nil {
				text += " (" + strings.Join(p.Names, ", ") + ")"
			}
			text += " -> " + p.Remedy
			if p.Near != nil {
				text += fmt.Sprintf(" (%s)", strings.Join(p.Near, ", "))
			}
			if !strings.HasPrefix(text, test.want) || strings.Contains(text, "?.") {
				t.Errorf("got  %s\nwant %s", text, test.want)
			}
		})
	}
}

// Errors come before warnings, and failing sources before single metrics.
func TestProblemsAreSorted(t *testing.T) {
	s := testState()
	ahead := 100.
	s.Sources[0].ClockAhead = &ahead
	s.Sources[0].Metrics = []operator.SourceMetric{{Reason: "ambiguous", UsedBy: []string{"other.wait"}}}
	s.Sources = append(s.Sources, operator.Source{ID: "second", State: "failing", Cause: "timeout"})
	s.Widgets[0].State, s.Widgets[1].Stale = "unavailable", true
	var got []string
	for _, p := range problems(&s) {
		got = append(got, p.Level+" "+p.Kind)
	}
	if want := "error source, error metric, error widget, warning clock, warning widget"; strings.Join(got, ", ") != want {
		t.Errorf("%q, want %s", got, want)
	}
}
