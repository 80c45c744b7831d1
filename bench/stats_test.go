package main

import (
	"slices"
	"testing"
)

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []float64
		want   spread
		noisy  bool
		ratio  string
	}{
		{"one value", []float64{2}, spread{2, 2, 2}, false, "2.00 (2.00 to 2.00)"},
		{"two values", []float64{4, 2}, spread{2.5, 3, 3.5}, true, "too noisy (2.50 to 3.50)"},
		{"odd", []float64{5, 1, 4, 2, 3}, spread{2, 3, 4}, true, "too noisy (2.00 to 4.00)"},
		{"even", []float64{1, 2, 3, 4}, spread{1.75, 2.5, 3.25}, true, "too noisy (1.75 to 3.25)"},
		{"steady", []float64{0.98, 1, 0.96, 0.97, 0.99}, spread{0.97, 0.98, 0.99}, false, "0.98 (0.97 to 0.99)"},
		{"one outlier", []float64{1, 1, 1, 1, 9}, spread{1, 1, 1}, false, "1.00 (1.00 to 1.00)"},
		{"at the limit", []float64{80, 92.5, 100, 107.5, 200}, spread{92.5, 100, 107.5}, false, "100.00 (92.50 to 107.50)"},
		{"past the limit", []float64{80, 92, 100, 107.5, 200}, spread{92, 100, 107.5}, true, "too noisy (92.00 to 107.50)"},
		{"a share of the median", []float64{8, 9.25, 10, 10.75, 20}, spread{9.25, 10, 10.75}, false, "10.00 (9.25 to 10.75)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := slices.Clone(test.values)
			got := spreadOf(test.values)
			if got != test.want || got.noisy() != test.noisy || got.ratio() != test.ratio {
				t.Errorf("got %v, noisy %v, %q; want %v, %v, %q", got, got.noisy(), got.ratio(), test.want, test.noisy, test.ratio)
			}
			if !slices.Equal(test.values, before) {
				t.Errorf("the values were sorted in place")
			}
		})
	}
}

func TestPaired(t *testing.T) {
	// The second round was half as fast for both. The ratio of the medians would be 100/110.
	got := paired([]float64{100, 50, 200}, []float64{100, 50, 110})
	if want := []float64{1, 1, 200.0 / 110}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAmount(t *testing.T) {
	for want, s := range map[string]spread{
		"12.3 (11.9 to 13.0)":    {11.9, 12.3, 13},
		"25123 (9000 to 125900)": {9000, 25123, 125900},
	} {
		if got := s.amount(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestParseLoad(t *testing.T) {
	const good = "Running 3s test @ http://127.0.0.1:18080/\n  1 threads and 64 connections\n  75012 requests in 3.00s, 60.1MB read\nRequests/sec:  25004.17\n"
	for _, test := range []struct {
		name, out string
		want      measured
		fails     bool
	}{
		{"good", good, measured{requests: 75012, perSecond: 25004.17}, false},
		{"some failed", good + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", measured{}, true},
		{"other codes", good + "  Non-2xx or 3xx responses: 75012\n", measured{}, true},
		{"nothing", "unable to connect\n", measured{}, true},
		{"no requests", "  0 requests in 3.00s, 0B read\nRequests/sec:      0.00\n", measured{}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseLoad([]byte(test.out))
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}
