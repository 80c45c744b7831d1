package domain

import (
	"strings"
	"testing"
	"time"
)

// A restored observation finds a selected category value by its alias, and has all its values.
func TestRestoredObservation(t *testing.T) {
	o := observation(noon, map[string]Reading{"alias of ada": CountOf(3), "alias of alan": CountOf(4)})
	o.Alias = func(category string) string { return "alias of " + strings.ToLower(category) }
	for _, test := range []struct {
		name       string
		categories []string
		text       string
	}{
		{"all", nil, "4"}, {"one", []string{"Ada"}, "3"}, {"both", []string{"Alan", "Ada"}, "4"}, {"another", []string{"Grace"}, na},
	} {
		w := widget(WidgetMetric{ID: "m", Categories: test.categories})
		s, _ := w.At(inputs(o), noon.Add(time.Second))
		if got := s.Metrics[0].Text; got != test.text || s.State != Open || !s.ObservedAt.Equal(noon) {
			t.Errorf("%s: %q, %s, observed at %v", test.name, got, s.State, s.ObservedAt)
		}
	}
	if !o.Restored() || func() bool { plain := observation(noon, nil); return plain.Restored() }() {
		t.Error("Restored is wrong")
	}
}
