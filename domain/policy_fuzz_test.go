package domain

import (
	"math"
	"strings"
	"testing"
	"time"

	"waitboard/locale"
)

// FuzzPolicy checks for any policy and value that the public value is right, and reveals only what the policy allows.
func FuzzPolicy(f *testing.F) {
	f.Add(true, uint8(0), 60_000., 60_000., 1_800_000., 0., 0., false, .25, uint8(30), 61_000., 59_000.)
	f.Add(true, uint8(2), 300_000., 0., 0., 0., 0., true, 0., uint8(0), 149_999., 150_000.)
	f.Add(false, uint8(1), 5., 3., 20., 0., 0., false, .5, uint8(1), 19., 20.)
	f.Add(false, uint8(0), 0., 0., 0., .1, 2.5, false, 0., uint8(0), .3, 1e9)
	var locales []*locale.Locale
	for _, tag := range locale.Supported() {
		l, err := locale.New(tag, nil)
		if err != nil {
			f.Fatal(err)
		}
		locales = append(locales, l)
	}
	f.Fuzz(func(t *testing.T, isDuration bool, mode uint8, round, below, above, bucket, width float64, hideZero bool, share float64, least uint8, first, second float64) {
		d := Display{Kind: Count, HideZero: hideZero, Rounding: Rounding(mode % 3)}
		if isDuration {
			d.Kind = Duration
		}
		amount := func(x float64) float64 { // rounded like amounts of the configuration and readings
			if x = math.Abs(x); math.IsNaN(x) || x > 1e12 {
				x = 1e12
			}
			if isDuration {
				return math.Round(x)
			}
			return x
		}
		d.Round, d.Below, d.Above = amount(round), amount(below), amount(above)
		if d.Above > 0 && d.Above <= d.Below {
			d.Above = 0
		}
		if d.Round < 1e-3 { // config rejects amounts with more digits
			d.Round = 0
		}
		if b, w := amount(bucket), amount(width); b > 0 && w > 0 && b+w > b {
			d.Round, d.Below, d.Above, d.Buckets = 0, 0, 0, []float64{b, b + w}
		}
		if d.Round > 0 || d.Buckets != nil {
			d.Hold = Hold{Share: math.Mod(math.Abs(share), .5), Least: time.Duration(least) * time.Second}
			if math.IsNaN(d.Hold.Share) {
				d.Hold.Share = 0
			}
		}
		var held Held
		for i, x := range []float64{amount(first), amount(second)} {
			v := Value{Kind: Count, Number: x}
			if isDuration {
				v = Value{Kind: Duration, Duration: toDuration(x)}
			}
			checkShown(t, &d, v, locales[int(least)%len(locales)])
			var steady Value
			steady, held, _ = d.steady(held, v, noon.Add(time.Duration(i)*10*time.Second))
			if d.Hold != (Hold{}) && !d.step(steady.amount()).meets(d.step(x)) {
				t.Errorf("%+v holds %v for %v", d, steady.amount(), x)
			}
		}
	})
}

// checkShown compares a shown value with the policy.
func checkShown(t *testing.T, d *Display, v Value, l *locale.Locale) {
	x := v.amount()
	shown, r := d.apply(v)
	text := d.wording(true).text(l, v.Kind, shown, r)
	if text == "" || strings.ContainsAny(text, "\n\r") {
		t.Errorf("%+v: %v reads %q", d, x, text)
	}
	if d.HideZero && x == 0 && (shown.Kind != None || r != Range{}) {
		t.Errorf("%+v: zero is shown as %+v %+v", d, shown, r)
	}
	if r.HasMin && x < r.Min || r.HasMax && x >= r.Max {
		t.Errorf("%+v: %v is not in %+v", d, x, r)
	}
	if shown.Kind == None {
		return
	}
	off, slack := shown.amount()-x, 1e-6*max(1, math.Abs(x))
	switch {
	case d.Buckets != nil, d.Below > 0 && x < d.Below, d.Above > 0 && x >= d.Above:
		t.Errorf("%+v: %v is shown as %+v", d, x, shown)
	case d.Round == 0 && off != 0,
		d.Round > 0 && d.Rounding == Up && (off < -slack || off > d.Round+slack),
		d.Round > 0 && d.Rounding == Down && (off > slack || off < -d.Round-slack),
		d.Round > 0 && d.Rounding == Nearest && math.Abs(off) > d.Round/2+slack:
		t.Errorf("%+v: %v is shown as %v", d, x, shown.amount())
	}
}
