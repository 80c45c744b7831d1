// Command bare is a handler with nothing around it that serves one file with the headers that waitboard gives it: what net/http costs by
// itself, with the same timeouts. See bench/run.sh.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

func main() {
	body, err := os.ReadFile(os.Args[2]) //nolint:gosec // bench names it
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	length := strconv.Itoa(len(body))
	server := &http.Server{
		Addr: os.Args[1], ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", "application/json")
			h.Set("Content-Length", length)
			h.Set("Etag", `"0123456789abcdef"`)
			h.Set("Cache-Control", "public, max-age=5")
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Vary", "Accept, Accept-Encoding")
			_, _ = w.Write(body) //nolint:gosec // bench wrote it
		}),
	}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}
