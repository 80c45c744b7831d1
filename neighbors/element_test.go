package neighbors

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// The element marks what a cache serves as fresh for too long, while the service is down.
func TestElementBehindCaches(t *testing.T) {
	eachCache(t, brief, func(t *testing.T, c cache, s *service, client *http.Client) {
		if !c.long {
			t.Skip("it serves no old answers, see TestCachesAndFreshness")
		}
		chromium := newChromium(t)
		to, err := url.Parse(front)
		if err != nil {
			t.Fatal(err)
		}
		const query = "/v1/widgets?id=support"
		var polls atomic.Int32 // without phrases, which are asked for once
		mux := http.NewServeMux()
		mux.Handle("/v1/", &httputil.ReverseProxy{Transport: client.Transport, Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Set("Accept-Encoding", "identity") // as the last request of this test
			if r.In.URL.RequestURI() == query {
				polls.Add(1)
			}
		}})
		mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<!doctype html><html lang="en"><wait-time widget="support"></wait-time> <script src="/v1/widget.js"></script></html>`)
		})
		public := httptest.NewServer(mux)
		t.Cleanup(public.Close)
		b := chromium.tab(t, 800, 600)
		b.open(public.URL + "/page")
		const box = `document.querySelector('wait-time').shadowRoot.querySelector('.box')`
		b.wait(box + `?.innerText.includes('Updated') && !` + box + `.classList.contains('stale')`)
		eventually(t, "the element polls", func() bool { return polls.Load() > 1 })
		s.Kill()
		b.wait(box + `.classList.contains('stale')`)
		if got := must(t, client, query); got.StatusCode != http.StatusOK || !strings.Contains(got.body, `"stale":false`) {
			t.Errorf("the cache served nothing old, so nothing is tested: %d %s", got.StatusCode, got.body)
		}
	})
}
