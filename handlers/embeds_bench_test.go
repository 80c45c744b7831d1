package handlers

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"waitboard/embeds"
)

// BenchmarkSites compares requests with and without counting by site: in the handler alone, from a known site, by its
// referrer, from ever new sites, in parallel; and over the wire. See BenchmarkRequest about the shared header map.
func BenchmarkSites(b *testing.B) {
	counting := func(o *Options) {
		o.Embeds = embeds.New(time.Now, rand.IntN)
		o.Embeds.SetWidgets([]string{"support"})
		w := o.Embeds.Widget("support")
		for i := range 50 { // all rows are taken, and the known site isn't the first one
			for range 100 - i {
				w.Count("https://www"+strconv.Itoa(i)+".example.com", time.Now())
			}
		}
	}
	variants := []struct {
		name    string
		handler http.Handler
	}{{"without", served(b, func(*Options) {})}, {"with", served(b, counting)}}
	known := http.Header{"Origin": {"https://www3.example.com"}}
	request := func(header http.Header) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/v1/widgets/support", nil)
		r.Header = header
		return r
	}
	for name, header := range map[string]http.Header{"none": {}, "origin": known, "referrer": {"Referer": {"https://www3.example.com/"}}} {
		for _, v := range variants {
			b.Run(name+"/"+v.name, func(b *testing.B) {
				r, w := request(header), &discard{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					v.handler.ServeHTTP(w, r)
				}
			})
		}
	}
	var flood atomic.Uint64
	for _, v := range variants {
		b.Run("flood/"+v.name, func(b *testing.B) {
			w := &discard{header: http.Header{}}
			r := request(http.Header{"Origin": {""}})
			b.ReportAllocs()
			for b.Loop() {
				r.Header["Origin"][0] = "https://" + strconv.FormatUint(flood.Add(1), 36) + ".example"
				v.handler.ServeHTTP(w, r)
			}
		})
		b.Run("parallel/"+v.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				r, w := request(known), &discard{header: http.Header{}}
				for pb.Next() {
					v.handler.ServeHTTP(w, r)
				}
			})
		})
		b.Run("over-the-wire/"+v.name, func(b *testing.B) {
			server := httptest.NewServer(v.handler)
			defer server.Close()
			r := request(known)
			r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", server.Listener.Addr().String()
			client := server.Client()
			b.ReportAllocs()
			for b.Loop() {
				resp, err := client.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				_ = resp.Body.Close()
			}
		})
	}
}
