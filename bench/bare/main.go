// Command bare serves the same bytes as waitboard, with the same header fields and timeouts, from a bare net/http handler. It shows the
// cost of net/http alone. See bench/run.sh.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// main takes an address, a file, and header fields as "Name: value".
func main() {
	args := os.Args[1:]
	body, err := os.ReadFile(args[1]) //nolint:gosec // an argument of the benchmark
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	type field struct{ name, value string }
	var fields []field
	for _, line := range args[2:] {
		name, value, _ := strings.Cut(line, ": ")
		fields = append(fields, field{name, value})
	}
	server := &http.Server{
		Addr: args[0], ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			for _, f := range fields {
				h.Set(f.name, f.value)
			}
			_, _ = w.Write(body) //nolint:gosec // waitboard's own bytes
		}),
	}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}
