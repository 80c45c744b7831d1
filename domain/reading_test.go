package domain

import (
	"strings"
	"testing"
	"time"

	"waitboard/locale"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestReadingAt(t *testing.T) {
	tests := []struct {
		name    string
		reading Reading
		after   time.Duration // after noon
		want    Value
		ok      bool
	}{
		{"nothing", Reading{}, 0, Value{}, false},
		{"standing duration", Line(20521*time.Millisecond, 0, noon), time.Hour, Value{Kind: Duration, Duration: 20521 * time.Millisecond}, true},
		{"counting up", Line(20521*time.Millisecond, 1, noon), 1500 * time.Millisecond, Value{Kind: Duration, Duration: 22021 * time.Millisecond}, true},
		{"two up, five in the average", Line(4104200*time.Microsecond, 0.4, noon), 10 * time.Second, Value{Kind: Duration, Duration: 8104 * time.Millisecond}, true},
		{"counting down", Line(10*time.Second, -2, noon), 3 * time.Second, Value{Kind: Duration, Duration: 4 * time.Second}, true},
		{"never below zero", Line(10*time.Second, -2, noon), 6 * time.Second, Value{Kind: Duration}, true},
		{"before its instant", Line(10*time.Second, 1, noon), -time.Second, Value{Kind: Duration, Duration: 9 * time.Second}, true},
		{"never beyond the longest", Line(MaxDuration, 1, noon), time.Hour, Value{Kind: Duration, Duration: MaxDuration}, true},
		{"count", CountOf(3), time.Hour, Value{Kind: Count, Number: 3}, true},
		{"zero is a value", CountOf(0), 0, Value{Kind: Count}, true},
		{"no is a value", BooleanOf(false), 0, Value{Kind: Boolean}, true},
		{"empty text is a value", TextOf(""), 0, Value{Kind: Text}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := test.reading.At(noon.Add(test.after))
			if got != test.want || ok != test.ok {
				t.Errorf("got %+v, %v; want %+v, %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func TestTextOf(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"markup stays text", `<b>&"'</b>`, `<b>&"'</b>`},
		{"controls become spaces", " a\r\nb\x00c\u2028d ", "a  b c d"},
		{"nothing turns the text around", "safe\u202etxt.exe\u2069", "safetxt.exe"},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
		{"joined emoji stay joined", "👩\u200d🚒", "👩\u200d🚒"},
		{"exactly as long as may be", strings.Repeat("é", 200), strings.Repeat("é", 200)},
		{"too long", strings.Repeat("é", 201), strings.Repeat("é", 200) + "…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := TextOf(test.text).Text; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	minutes := func(d time.Duration) Value { return Value{Kind: Duration, Duration: d} }
	tests := []struct {
		value Value
		want  string
	}{
		{minutes(0), "0 min"},
		{minutes(time.Millisecond), "1 min"},
		{minutes(4 * time.Minute), "4 min"},
		{minutes(4*time.Minute + time.Millisecond), "5 min"},
		{minutes(59*time.Minute + time.Second), "1 h"},
		{minutes(65 * time.Minute), "1 h 5 min"},
		{Value{Kind: Count, Number: 3}, "3"},
		{Value{Kind: Count, Number: 2.25}, "2.3"},
		{Value{Kind: Boolean, Flag: true}, "Yes"},
		{Value{Kind: Boolean}, "No"},
		{Value{Kind: Text, Text: "Ready"}, "Ready"},
		{Value{}, na},
	}
	for _, test := range tests {
		if got := new(Display).wording(true).words(locale.English(), test.value); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.value, got, test.want)
		}
	}
}
