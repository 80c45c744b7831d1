package webhook

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"waitboard/internal/memnet"
)

// A receiver that fails in any way receives the message as soon as it works again, under the same ID. Nothing names its URL.
func TestReceiversThatFail(t *testing.T) {
	for _, test := range []struct {
		name, cause string
		answer      http.HandlerFunc
		fault       memnet.Fault
		first       time.Duration // the earliest second attempt
		last        time.Duration // the latest
	}{
		{"500", "status", status(500), memnet.Fault{}, 2500 * time.Millisecond, 5 * time.Second},
		{"429 with Retry-After", "status", func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Retry-After", "90")
			out.WriteHeader(http.StatusTooManyRequests)
		}, memnet.Fault{}, 90 * time.Second, 91 * time.Second},
		{"503 with a date", "status", func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Retry-After", time.Now().Add(2*time.Minute).UTC().Format(http.TimeFormat))
			out.WriteHeader(http.StatusServiceUnavailable)
		}, memnet.Fault{}, 119 * time.Second, 121 * time.Second},
		{"429 for too long", "status", func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Retry-After", "99999999999999")
			out.WriteHeader(http.StatusTooManyRequests)
		}, memnet.Fault{}, time.Hour, time.Hour + time.Second},
		{"429 for longer than a number can say", "status", func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Retry-After", "99999999999999999999999")
			out.WriteHeader(http.StatusTooManyRequests)
		}, memnet.Fault{}, time.Hour, time.Hour + time.Second},
		{"410", "gone", status(410), memnet.Fault{}, time.Hour, time.Hour + time.Second},
		{"400", "status", status(400), memnet.Fault{}, 2500 * time.Millisecond, 5 * time.Second},
		{"redirect", "redirect", func(out http.ResponseWriter, request *http.Request) {
			http.Redirect(out, request, "/other", http.StatusTemporaryRedirect)
		}, memnet.Fault{}, 2500 * time.Millisecond, 5 * time.Second},
		{"slow", "timeout", func(_ http.ResponseWriter, request *http.Request) {
			select {
			case <-request.Context().Done():
			case <-time.After(time.Minute):
			}
		}, memnet.Fault{}, sendTimeout + 2500*time.Millisecond, sendTimeout + 5*time.Second},
		{"silence", "timeout", nil, memnet.Fault{Down: memnet.Direction{Lost: true}}, sendTimeout + 2500*time.Millisecond, sendTimeout + 5*time.Second},
		{"reset", "unreachable", nil, memnet.Fault{Reset: true}, 2500 * time.Millisecond, 5 * time.Second},
		{"cut short", "unreachable", nil, memnet.Fault{Down: memnet.Direction{Limit: 10}}, 2500 * time.Millisecond, 5 * time.Second},
		{"endless answer", "", func(out http.ResponseWriter, request *http.Request) {
			for request.Context().Err() == nil {
				if _, err := out.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		}, memnet.Fault{}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				r := w.receiver()
				r.answers(test.answer)
				w.network.SetFault(r.address, test.fault)
				w.replace(r.hook())
				began := time.Now()
				w.set("support", 20)
				w.pass(16 * time.Second)
				if got := w.metric("waitboard_webhook_failed_total", test.cause, name); test.cause != "" && got < 1 {
					t.Errorf("%v failures of cause %s\n%s", got, test.cause, w.logged())
				}
				r.answers(nil)
				w.network.SetFault(r.address, memnet.Fault{})
				w.pass(test.last + 2*time.Minute)
				all := r.all()
				if len(all) == 0 || r.conditions() != strings.TrimSpace(strings.Repeat("high ", len(all))) {
					t.Fatalf("received %v", all)
				}
				for _, d := range all {
					if d.id != all[0].id || d.body != all[0].body {
						t.Errorf("%v differs from %v", d, all[0])
					}
				}
				if sent, queued := w.metric("waitboard_webhook_sent_total", name), w.metric("waitboard_webhook_queued", name); sent != 1 || queued != 0 {
					t.Errorf("%v sent, %v queued", sent, queued)
				}
				if test.first > 0 && len(all) > 1 && test.fault == (memnet.Fault{}) {
					if after := all[1].at.Sub(began); after < test.first || after > test.last {
						t.Errorf("the second attempt after %v, want %v to %v", after, test.first, test.last)
					}
				}
				if log := w.logged(); strings.Contains(log, canary) || strings.Contains(log, r.address) || (test.cause != "") != strings.Contains(log, "delivers again") {
					t.Errorf("the log is\n%s", log)
				}
			})
		})
	}
}

// A receiver with a certificate that nobody trusts gets nothing.
func TestWrongCertificate(t *testing.T) {
	source := httptest.NewTLSServer(nil) // outside the bubble: it has goroutines of its own
	certificates := source.TLS.Certificates
	source.Close()
	inFakeTime(t, func(w *world) {
		listener, err := w.network.Listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		r := w.receive(tls.NewListener(listener, &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12}))
		w.replace(r.hook(func(h *Hook) { h.URL = strings.Replace(h.URL, "http:", "https:", 1) }))
		w.set("support", 20)
		w.pass(10 * time.Second)
		if len(r.all()) > 0 || w.metric("waitboard_webhook_failed_total", "untrusted_tls", name) < 1 || w.hooks.Status()[0].Problem != "its certificate is signed by an authority that is not trusted here" {
			t.Errorf("received %v, %+v", r.all(), w.hooks.Status())
		}
	})
}

// A refused address is never connected to, whatever name leads to it.
func TestRefusedAddress(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, test := range []struct {
		url     string
		private bool
		want    error
	}{
		{"http://127.0.0.1:" + port, false, errPrivate},
		{"http://localhost:" + port, false, errPrivate},
		{"http://[::ffff:127.0.0.1]:" + port, false, errPrivate},
		{"http://0.0.0.0:" + port, true, errForbidden},
		{"http://169.254.169.254", true, errForbidden},
		{"http://[::ffff:169.254.169.254]", true, errForbidden},
		{"http://[fd00:ec2::254]", true, errForbidden},
	} {
		o := Hook{Name: name, URL: test.url + "/" + canary, Format: "json", AllowPrivate: test.private}
		if got := SendTest(t.Context(), o, Options{Now: time.Now}); got != test.want.Error() {
			t.Errorf("%s: %s, want %v", test.url, got, test.want)
		}
	}
}

// Each widget has its own order, and each hook its own pace.
func TestOrder(t *testing.T) {
	inFakeTime(t, func(w *world) {
		r, other := w.receiver(), w.receiver()
		r.answers(func(out http.ResponseWriter, _ *http.Request) {
			if all := r.all(); strings.Contains(all[len(all)-1].body, `"widgets":["support"]`) {
				status(500)(out, nil)
			}
		})
		w.replace(r.hook(), other.hook(func(h *Hook) { h.Name = "other" }))
		for _, n := range []float64{20, 1, 10} {
			w.set("support", n)
			w.set("sales", n)
			w.pass(time.Second)
		}
		if got := other.conditions(); strings.Count(got, "high") != 2 || strings.Count(got, "low") != 2 || !strings.HasSuffix(got, "moderate moderate") {
			t.Errorf("the other hook received %s", got)
		}
		sales := ""
		for _, d := range r.all() {
			if strings.Contains(d.body, `"sales"`) {
				sales += d.body
			} else if !strings.Contains(d.body, `"to":"high"`) {
				t.Errorf("support's second message overtook the first: %s", d.body)
			}
		}
		if strings.Count(sales, `"type"`)-strings.Count(sales, `"type":"count"`) != 3 {
			t.Errorf("sales waits for support: %s", sales)
		}
		r.answers(nil)
		before := len(r.all())
		w.pass(time.Minute)
		if got := strings.Fields(r.conditions())[before:]; strings.Join(got, " ") != "high low moderate" {
			t.Errorf("then it received %v", got)
		}
	})
}

// A hook drops a message after a day, and the oldest one when the queue is full.
func TestGivenUp(t *testing.T) {
	inFakeTime(t, func(w *world) {
		r := w.receiver()
		r.answers(status(500))
		w.replace(r.hook())
		w.set("support", 20)
		w.pass(time.Second)
		w.set("support", 1)
		w.pass(23 * time.Hour)
		if age := w.metric("waitboard_webhook_oldest_age_seconds", name); age < 82_800 || age > 82_802 || w.metric("waitboard_webhook_queued", name) != 2 {
			t.Errorf("the oldest is %v old", age)
		}
		if attempts := len(r.all()); attempts < 80 || attempts > 250 {
			t.Errorf("%d attempts in 23 hours", attempts)
		}
		w.pass(2 * time.Hour)
		if w.metric("waitboard_webhook_dropped_total", "expired", name) != 2 || w.metric("waitboard_webhook_queued", name) != 0 || !strings.Contains(w.logged(), `msg="webhook messages dropped" kind="not delivered within a day" count=1`) {
			t.Errorf("after a day:\n%s", w.logged())
		}
		for i := range maxQueued + 10 {
			w.set("support", []float64{20, 1}[i%2])
			w.pass(time.Second)
		}
		if w.metric("waitboard_webhook_dropped_total", "full", name) != 10 || w.metric("waitboard_webhook_queued", name) != maxQueued || strings.Count(w.logged(), `kind="queue full"`) != 1 {
			t.Errorf("%v dropped, %v queued", w.metric("waitboard_webhook_dropped_total", "full", name), w.metric("waitboard_webhook_queued", name))
		}
	})
}

// A full queue hurries no receiver, whatever is dropped, and fills no log.
func TestFullQueueKeepsItsPace(t *testing.T) {
	for _, test := range []struct {
		name    string
		answer  http.HandlerFunc
		widgets []string
		most    int // requests in ten minutes
	}{
		{"500", status(500), []string{"support"}, 3},
		{"500, two lanes", status(500), nil, 6},
		{"500 at last", func(out http.ResponseWriter, request *http.Request) {
			select {
			case <-request.Context().Done():
			case <-time.After(10 * time.Second): // it is dropped meanwhile
			}
			status(500)(out, request)
		}, []string{"support"}, 3},
		{"410", status(410), nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				r := w.receiver()
				r.answers(test.answer)
				w.replace(r.hook(func(h *Hook) { h.Widgets = test.widgets }))
				change := func(n int) {
					for i := range n {
						w.set("support", []float64{20, 1}[i%2])
						if test.widgets == nil {
							w.set("sales", []float64{20, 1}[i%2])
						}
						w.pass(time.Second)
					}
				}
				change(2 * maxQueued) // it is full
				before, lost, logged := len(r.all()), w.hooks.Status()[0].Dropped, strings.Count(w.logged(), "webhook messages dropped")
				change(600)
				if got := len(r.all()) - before; got > test.most {
					t.Errorf("%d requests in ten minutes", got)
				}
				if got := w.hooks.Status()[0].Dropped - lost; got < 600 {
					t.Errorf("%d dropped", got)
				}
				if got := strings.Count(w.logged(), "webhook messages dropped") - logged; got < 9 || got > 11 {
					t.Errorf("%d lines in ten minutes", got)
				}
				dropped := w.hooks.Status()[0].Dropped
				if want := int(w.metric("waitboard_webhook_dropped_total", "full", name)); dropped != want {
					t.Errorf("status: %d dropped, want %d", dropped, want)
				}
			})
		})
	}
}

// A proxy gets what is for a name that this machine can't look up.
func TestProxy(t *testing.T) {
	inFakeTime(t, func(w *world) {
		proxy := w.receiver()
		w.proxy = &url.URL{Scheme: "http", Host: proxy.address}
		h := proxy.hook(func(h *Hook) {
			h.URL, h.AllowPrivate, h.EnvironmentProxy = "http://hooks.example.com/"+canary, false, true
		})
		if problem := SendTest(w.t.Context(), h, w.hooks.o); problem != "" || len(proxy.all()) != 1 {
			t.Errorf("%s, %d requests", problem, len(proxy.all()))
		}
		h.EnvironmentProxy = false
		if problem := SendTest(w.t.Context(), h, w.hooks.o); problem == "" || len(proxy.all()) != 1 {
			t.Errorf("without proxy: environment it is used: %s", problem)
		}
	})
}

// A message that was made for a private hook loses its private part when the hook is private no longer.
func TestNoLongerPrivate(t *testing.T) {
	inFakeTime(t, func(w *world) {
		r := w.receiver()
		r.answers(status(500))
		h := r.hook(func(h *Hook) { h.Private = true })
		w.replace(h)
		w.set("support", 17.25)
		w.pass(2 * time.Second)
		r.answers(nil)
		h.Private = false
		w.replace(h)
		w.pass(time.Second)
		if all := r.all(); len(all) != 2 || !strings.Contains(all[0].body, "17.25") || strings.Contains(all[1].body, "17.25") || all[0].id != all[1].id {
			t.Errorf("received %v", all)
		}
	})
}
