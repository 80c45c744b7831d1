// Command bare is a handler with nothing around it that writes the same bytes as waitboard, header fields and all, with the same timeouts:
// what net/http costs by itself. Built with the tag linked it also holds the libraries that waitboard is made of, without using them. See
// bench/run.sh.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// main takes an address, a file, and header fields as "Name: value".
func main() {
	source := flag.String("ask", "", "the address of a phone system that is asked first, since no number is good before; its key is in BENCH_KEY")
	flag.Parse()
	args := flag.Args()
	body, err := os.ReadFile(args[1])
	if err == nil && *source != "" {
		err = ask(*source)
	}
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
			_, _ = w.Write(body)
		}),
	}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
	os.Exit(1)
}

// ask puts the two questions to the phone system without which nobody has the number: which metrics there are, and their values.
func ask(source string) error {
	var listed []struct{ MetricID, MetricName string }
	if err := get(source+"/api/v1/realtime/metrics", &listed); err != nil {
		return err
	}
	ids := "K0FLAEB6"
	for _, metric := range listed {
		if metric.MetricName == "Current Wait Time" {
			ids += "," + metric.MetricID
		}
	}
	var values struct {
		Results []struct{ Key, Value map[string]any }
	}
	return get(source+"/api/v1/realtime/metrics/values?id="+ids, &values)
}

func get(url string, out any) error {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+os.Getenv("BENCH_KEY"))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it is read
	return json.NewDecoder(resp.Body).Decode(out)
}
