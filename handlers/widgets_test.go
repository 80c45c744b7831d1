package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/handlers/respond"
	"waitboard/locale"
	"waitboard/publish"
)

func TestWidgets(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		query         string
		want, missing []string
	}{
		{"", []string{"support", "partner", "empty"}, nil},
		{"?id=secret", []string{"secret"}, nil},
		{"?id=empty&id=support&id=empty", []string{"empty", "support"}, nil},
		{"?id=empty,support,empty", []string{"empty", "support"}, nil},
		{"?id=empty,%20support,&id=secret", []string{"empty", "support", "secret"}, nil},
		{"?id=support&id=nosuch", []string{"support"}, []string{"nosuch"}},
		{"?id=suppport,support,Sales,suppport", []string{"support"}, []string{"suppport", "Sales"}},
		{"?id=%3Cscript%3E", []string{}, []string{"<script>"}},
		{"?id=partner,support", []string{"support"}, []string{"partner"}}, // another site may not learn that it exists
		{"?id=", []string{}, nil},
		{"?other=1", []string{"support", "empty"}, nil},
	}
	for _, test := range tests {
		var headers []string
		if test.query == "?other=1" || strings.Contains(test.query, "partner") {
			headers = []string{"Origin", "https://elsewhere.example.com"}
		}
		var got struct {
			Widgets []struct{ ID string }
			Missing []string
		}
		raw := text(t, f.do("GET", "/v1/widgets"+test.query, headers...))
		if err := json.Unmarshal([]byte(raw), &got); err != nil || strings.Contains(raw, "<") {
			t.Fatal(err, raw)
		}
		ids := []string{}
		for _, w := range got.Widgets {
			ids = append(ids, w.ID)
		}
		if diff := cmp.Diff(test.want, ids); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.query, diff)
		}
		if diff := cmp.Diff(test.missing, got.Missing); diff != "" {
			t.Errorf("%q, missing (-want +got):\n%s", test.query, diff)
		}
	}
}

// A list with other IDs missing is another answer.
func TestMissingChangesETag(t *testing.T) {
	f := newFixture(t)
	first := f.do("GET", "/v1/widgets?id=support,a").Header.Get("ETag")
	if resp := f.do("GET", "/v1/widgets?id=support,b", "If-None-Match", first); resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// The headers of a snapshot match its negotiated type.
func TestNegotiatedSnapshot(t *testing.T) {
	const path = "/v1/widgets/support"
	f := newFixture(t)
	json, line := f.do("GET", path), f.do("GET", path, "Accept", "text/plain")
	got, want := text(t, line), text(t, f.do("GET", path+"/text"))
	if got != want || line.Header.Get("Content-Type") != respond.TypeText[0] {
		t.Errorf("%s: %q, not %q", line.Header.Get("Content-Type"), got, want)
	}
	doc := readDocument(t, f)
	documented, _ := doc.response("/v1/widgets/{id}", "200")
	if err := doc.validate(documented, "text/plain", []byte(got)); err != nil {
		t.Error(err)
	}
	if got := json.Header.Get("Content-Type"); got != respond.TypeJSON[0] {
		t.Errorf("without Accept: %s", got)
	}
	if got := line.Header.Get("Cache-Control"); got != "private, max-age=5, stale-while-revalidate=0, stale-if-error=39" {
		t.Errorf("a shared cache may store the text: %s", got)
	}
	jsonTag, lineTag := json.Header.Get("Etag"), line.Header.Get("Etag")
	if jsonTag == lineTag {
		t.Error("JSON and text have the same entity tag")
	}
	tests := []struct {
		accept, known string
		status        int
	}{
		{"*/*", jsonTag, 304}, {"text/plain", lineTag, 304}, {"*/*", lineTag, 200}, {"text/plain", jsonTag, 200}, {"text/html", jsonTag, 304},
	}
	for _, test := range tests {
		got := f.do("GET", path, "Accept", test.accept, "If-None-Match", test.known)
		if got.StatusCode != test.status || got.Header.Get("Vary") != "Accept, Accept-Encoding" {
			t.Errorf("%v: %d, varies by %s", test, got.StatusCode, got.Header.Get("Vary"))
		}
	}
	own := f.do("GET", "/v1/widgets/partner", "Accept", "text/plain", "Origin", "https://www.example.com").Header
	if vary := strings.Join(own["Vary"], ", "); vary != "Origin, Accept, Accept-Encoding" {
		t.Errorf("a widget with origins varies by %s", vary)
	}
	if got := f.do("GET", "/v1/widgets/nosuch", "Accept", "text/plain"); got.StatusCode != 404 || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("an unknown widget as text: %d", got.StatusCode)
	}
}

// A client that has a newer page of another replica keeps it, unless that one is stale or from the future.
func TestNewerPageOfAnotherReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := domain.Widget{ID: "w", Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: 10 * time.Second,
			Metrics: []domain.WidgetMetric{{ID: "m", Ref: domain.Ref{Source: "hq", Metric: "m"}}}}
		b := publish.New(publish.Options{Widgets: []domain.Widget{w}, Now: time.Now})
		defer b.Close()
		reads := 0
		h := New(Options{Publisher: b, Widgets: []pages.Offered{{ID: "w"}}, PublicURL: "https://wait.example.com", Metrics: prometheus.NewRegistry(),
			Ready: func() bool { return true }, Now: time.Now, CatchUp: func(context.Context, []string) { reads++ }})
		b.Readings().Apply("hq", map[string]domain.Observation{"m": {Confirmed: time.Now(), Complete: time.Now(), Kind: domain.Count,
			Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(3), Confirmed: time.Now()}}}})
		page, _ := b.Page("w")
		tag := func(d time.Duration) string {
			return `"` + page.Change + "-" + strconv.FormatInt(time.Now().Add(d).UnixMilli(), 36) + `"`
		}
		for _, test := range []struct {
			name, tag     string
			status, reads int
		}{
			{"own", page.Plain.ETag[0], http.StatusNotModified, 0},
			{"older", tag(-time.Second), http.StatusOK, 0},
			{"newer", tag(time.Second), http.StatusNotModified, 1},
			{"from the future", tag(time.Minute), http.StatusOK, 1},
		} {
			reads = 0
			request := httptest.NewRequest(http.MethodGet, "/v1/widgets/w", nil)
			request.Header.Set("If-None-Match", test.tag)
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, request)
			if answer.Code != test.status || reads != test.reads {
				t.Errorf("%s: status %d after %d reads, want %d after %d", test.name, answer.Code, reads, test.status, test.reads)
			}
			if answer.Code == http.StatusNotModified && answer.Header().Get("Etag") != test.tag {
				t.Errorf("%s: the entity tag is %s", test.name, answer.Header().Get("Etag"))
			}
		}
	})
}
