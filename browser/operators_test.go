package browser

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/handlers/admin"
	"waitboard/locale"
	"waitboard/notices"
	"waitboard/publish"
)

// The notice form fits phones, and axe finds nothing on it and on the dashboard, in light and dark.
func TestNoticeForm(t *testing.T) {
	t.Parallel()
	const shown = "Phones are down until noon. Please use the chat."
	id := strings.Repeat("customer-support", 4)
	var widgets []domain.Widget
	for _, id := range []string{"support", "sales", id} {
		widgets = append(widgets, domain.Widget{ID: id, Locale: locale.English()})
	}
	board := publish.New(publish.Options{Widgets: widgets, Now: time.Now})
	t.Cleanup(board.Close)
	store, err := notices.Open(notices.Options{Show: board.SetNotice, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if _, err := store.Set("support", domain.Notice{Text: shown}); err != nil {
		t.Fatal(err)
	}
	status := admin.Status{Version: "1.2.3", Widgets: []admin.WidgetStatus{
		{ID: "support", Title: "Customer support", Page: "https://wait.example.com/w/support", State: "open", Notice: shown, End: "when you remove it"},
		{ID: "sales", Title: "Sales", State: "open", Stale: true}, {ID: id, Title: strings.Repeat("Kundendienst", 6), State: "unavailable"},
	}}
	server := httptest.NewServer(admin.New(admin.Options{
		Metrics: prometheus.NewRegistry(), Status: func() admin.Status { return status }, Publisher: board, Notices: store, Loopback: true, Now: time.Now,
	}))
	t.Cleanup(server.Close)
	b := newInspector(t)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer("prefers-color-scheme", scheme)
		for _, path := range []string{"/", "/widgets/support", "/widgets/" + id} {
			for _, width := range []int64{320, 1280} {
				b.resize(width, 900)
				b.open(server.URL + path)
				if is := eval[int64](b, `document.documentElement.scrollWidth`); is > width {
					t.Errorf("%s is %d px wide at %d", path, is, width)
				}
			}
			b.inspect(scheme+" "+path, "meta-refresh") // the dashboard has no scripts
		}
	}
}

// The operators' page fits phones: nothing overflows sideways.
func TestOperatorsPageFits(t *testing.T) {
	t.Parallel()
	const failure = "untrusted_tls: its certificate is signed by an authority that is not trusted here; name that authority's certificate in ca_file"
	id := strings.Repeat("customer-support", 4)
	status := admin.Status{
		Rejected: []string{"waitboard.yaml:4:5: sources.hq.key_env: the environment variable CHRONICAL_KEY is not set (set it where waitboard is started, or use key_file)"},
		Reason:   "it has mistakes", Version: "1.2.3",
		Sources: []admin.SourceStatus{
			{Name: "hq", State: "ok", Age: "3s ago", Updates: "subscribed"},
			{Name: id, State: failure, Age: "1h2m3s ago", Updates: "polled; no subscription: " + failure, Problems: []string{id + "." + id + ": the source rejects it: forbidden"}},
		},
		Widgets: []admin.WidgetStatus{
			{ID: "support", Title: "Customer support", Page: "https://wait.example.com/w/support", State: "open", Notice: strings.Repeat("Phones are down. ", 10), End: "in 2h0m0s, at 2026-11-24 08:00:00 UTC"},
			{ID: id, Title: strings.Repeat("Kundendienst", 6), Page: "https://wait.example.com/w/" + id, State: "initializing"},
			{ID: "gone", State: "not in the configuration", Notice: "Down", End: "when it is taken back"},
		},
	}
	admin := httptest.NewServer(admin.New(admin.Options{Metrics: prometheus.NewRegistry(), Status: func() admin.Status { return status }, Loopback: true}))
	t.Cleanup(admin.Close)
	b := newTab(t, 320, 900)
	for _, width := range []int64{320, 390, 800, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			b.failing(t)
			b.resize(width, 900)
			b.open(admin.URL + "/")
			b.keep(fmt.Sprint("operators-", width))
			if is := eval[int64](b, `document.documentElement.scrollWidth`); is > width {
				t.Errorf("the page is %d px wide", is)
			}
			if link := eval[string](b, `document.querySelector('a[href$="/w/support"]').innerText`); link != "Customer support" {
				t.Errorf("the link to the public page is %q", link)
			}
		})
	}
}
