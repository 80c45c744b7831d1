package domain

import (
	"testing"
	"time"
)

func TestLookalike(t *testing.T) {
	for name, same := range map[string][]string{
		"Küche 7": {"Ku\u0308che 7", "Küche\u00a07", " Küche \t7 ", "Küche\u202f7", "Kü\u200bche 7", "Kü\u00adche\u20037", "\uFEFFKüche 7"},
		"Call-In": {"Call\u2011In", "Call\u2010In"},
	} {
		for _, other := range same {
			if Lookalike(other) != Lookalike(name) {
				t.Errorf("%q is not %q", other, name)
			}
		}
	}
	for _, other := range []string{"Kuche 7", "küche 7", "Küche7", "Küche 77"} {
		if Lookalike(other) == Lookalike("Küche 7") {
			t.Errorf("%q looks different", other)
		}
	}
}

func TestChosenCategory(t *testing.T) {
	sample := func(n float64) Sample { return Sample{Reading: CountOf(n), Confirmed: time.Unix(1, 0)} }
	const composed, decomposed, noBreak = "Büro 1", "Bu\u0308ro 1", "Büro\u00a01"
	for _, test := range []struct {
		name    string
		samples map[string]Sample
		want    float64 // -1: none
	}{
		{"exact", map[string]Sample{composed: sample(1), decomposed: sample(2)}, 1},
		{"decomposed", map[string]Sample{decomposed: sample(2), "other": sample(3)}, 2},
		{"no-break space", map[string]Sample{noBreak: sample(4)}, 4},
		{"several that look the same", map[string]Sample{decomposed: sample(2), noBreak: sample(4)}, -1},
		{"none", map[string]Sample{"Büro 2": sample(5)}, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := Observation{Confirmed: time.Unix(1, 0), Samples: test.samples}
			readings, _, missing := o.selected([]string{composed})
			if missing != (test.want < 0) || !missing && (len(readings) != 1 || readings[0] != CountOf(test.want)) {
				t.Errorf("got %+v, missing: %v", readings, missing)
			}
		})
	}
}
