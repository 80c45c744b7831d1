package chronicall

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"waitboard/domain"
)

func TestReadings(t *testing.T) {
	at := time.Date(2018, 9, 24, 19, 17, 35, 661e6, time.UTC)
	const when = `"lastUpdateTime":"2018-09-24T13:17:35.661-06:00"`
	tests := []struct {
		name, value string
		want        domain.Reading
		log         string // part of what is logged; "": nothing
	}{
		{"boolean", `"type":"BOOLEAN","value":false`, domain.BooleanOf(false), ""},
		{"count", `"type":"COUNT","count":206`, domain.CountOf(206), ""},
		{"zero", `"type":"COUNT","count":0`, domain.CountOf(0), ""},
		{"string", `"type":"STRING","value":"string <b>value"`, domain.TextOf("string <b>value"), ""},
		{"duration", `"type":"DURATION","finishedDuration":20521,"numCountingUp":2,"numCountingDown":1`, domain.Line(20521*time.Millisecond, 1, at), ""},
		{"finished duration", `"type":"DURATION","finishedDuration":20521,"numCountingUp":1,"numCountingDown":1`, domain.Line(20521*time.Millisecond, 0, time.Time{}), ""},
		{"average", `"type":"AVERAGE_DURATION","durationSum":20521,"count":5,"numCountingUp":2,"numCountingDown":1`, domain.Reading{Kind: domain.Duration, Base: 4104.2, Rate: 0.2, Instant: at}, ""},
		{"average of nothing", `"type":"AVERAGE_DURATION","durationSum":20521,"count":0,"numCountingUp":2,"numCountingDown":1`, domain.Reading{}, ""},
		{"absent", `"value":3`, domain.Reading{}, ""},
		{"null boolean", `"type":"BOOLEAN","value":null`, domain.Reading{}, ""},
		{"negative count", `"type":"COUNT","count":-1`, domain.Reading{}, "out of range"},
		{"null text", `"type":"STRING","value":null`, domain.Reading{}, ""},
		{"unknown fields", `"type":"COUNT","count":3,"trend":{"up":true}`, domain.CountOf(3), ""},
		{"unknown type", `"type":"PERCENTAGE","value":50`, domain.Reading{}, "PERCENTAGE"},
		{"unknown type with text", `"type":"CANARY John Doe(481)","value":50`, domain.Reading{}, "(unprintable)"},
		{"count without count", `"type":"COUNT"`, domain.Reading{}, "without the fields"},
		{"boolean without value", `"type":"BOOLEAN"`, domain.Reading{}, "without the fields"},
		{"boolean that is text", `"type":"BOOLEAN","value":"CANARY"`, domain.Reading{}, "without the fields"},
		{"count that is text", `"type":"COUNT","count":"CANARY"`, domain.Reading{}, "another type"},
		{"count in quotes that is no number", `"type":"COUNT","count":"NaN"`, domain.Reading{}, "another type"},
		{"count in empty quotes", `"type":"COUNT","count":""`, domain.Reading{}, "another type"},
		{"count that is null in quotes", `"type":"COUNT","count":"null"`, domain.Reading{}, "another type"},
		{"boolean in quotes", `"type":"BOOLEAN","value":"True"`, domain.BooleanOf(true), ""},
		{"duration without sum", `"type":"DURATION","numCountingUp":1`, domain.Reading{}, "without the fields"},
		{"negative duration", `"type":"DURATION","finishedDuration":-5000,"numCountingUp":0,"numCountingDown":0`, domain.Reading{}, "out of range"},
		{"slightly negative duration", `"type":"DURATION","finishedDuration":-20`, domain.Line(-20*time.Millisecond, 0, time.Time{}), ""},
		{"duration that rises from below zero", `"type":"DURATION","finishedDuration":-5000,"numCountingUp":1`, domain.Line(-5*time.Second, 1, at), ""},
		{"huge duration", `"type":"DURATION","finishedDuration":1e300`, domain.Reading{}, "out of range"},
		{"negative count", `"type":"COUNT","count":-1e300`, domain.Reading{}, "out of range"},
		{"huge rate", `"type":"DURATION","finishedDuration":5,"numCountingUp":1e303`, domain.Reading{}, "out of range"},
		{"average without count", `"type":"AVERAGE_DURATION","durationSum":5`, domain.Reading{}, "without the fields"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			d := decoder{log: slog.New(slog.NewTextHandler(&log, nil))}
			raw := json.RawMessage(fmt.Sprintf(`{"key":{"metricId":"M","categoryValue":"John Doe(481)"},"value":{%s,%s}}`, when, test.value))
			got := d.readings(elements{raw, raw}, timing{answered: at})
			for _, r := range got {
				if r.Key != (domain.Key{Metric: "M", Category: "John Doe(481)"}) || !r.Reading.Instant.Equal(test.want.Instant) {
					t.Errorf("got %+v", r)
				}
				if (r.Unexpected != "") != (test.log != "") {
					t.Errorf("unexpected: %q", r.Unexpected)
				}
				test.want.Unclear = test.log != ""
				if r.Reading.Instant = test.want.Instant; r.Reading != test.want {
					t.Errorf("got %+v, want %+v", r.Reading, test.want)
				}
			}
			if logged := log.String(); strings.Count(logged, "\n") > 1 || !strings.Contains(logged, test.log) || (test.log == "") != (logged == "") ||
				strings.Contains(logged, "CANARY") || strings.Contains(logged, "John") {
				t.Errorf("logged %q", logged)
			}
			if len(got) != 2 {
				t.Errorf("got %d readings", len(got))
			}
		})
	}
}

// A running value that is dated after its answer would read zero until then.
func TestValuesFromTheFuture(t *testing.T) {
	updated := time.Date(2018, 9, 24, 19, 17, 35, 0, time.UTC)
	count := 5.
	for ahead, want := range map[time.Duration]string{0: "", 4 * time.Second: "", 7 * time.Minute: future} {
		v := wireValue{Type: "DURATION", FinishedDuration: &number{float: count}, NumCountingUp: number{float: 1}, LastUpdateTime: text(updated.Format(time.RFC3339))}
		if r, unexpected := reading(&v, timing{answered: updated.Add(-ahead)}); unexpected != want || (r.Kind == domain.None) != (want != "") {
			t.Errorf("%v ahead: %+v, %q", ahead, r, unexpected)
		}
	}
}

// A combination with an unclear value has no value: it is not that of the other values.
func TestCombinationWithAnUnclearValue(t *testing.T) {
	d := decoder{log: slog.New(slog.DiscardHandler)}
	const result = `{"key":{"metricId":"M","categoryValue":%q},"value":{"lastUpdateTime":"2018-09-24T13:17:35Z","type":"DURATION","finishedDuration":%d,"numCountingUp":%d}}`
	answer := elements{fmt.Appendf(nil, result, "Support", 1_200_000, 1), fmt.Appendf(nil, result, "Sales", 0, 0)}
	at := time.Date(2018, 9, 24, 13, 17, 35, 0, time.UTC)
	for doubtful, want := range map[bool]domain.Reading{false: domain.Line(20*time.Minute, 1, at), true: {}} {
		var readings []domain.Reading
		for _, r := range d.readings(answer, timing{answered: at, offset: offset{doubtful: doubtful}}) {
			readings = append(readings, r.Reading)
		}
		if got, _ := domain.Max.Join(readings, at); got != want {
			t.Errorf("doubtful %v: got %+v, want %+v", doubtful, got, want)
		}
	}
}

// Setting our own clock does not change running durations: they use the monotonic clock.
func TestRunningDurationsGoByTheTimeThatPasses(t *testing.T) {
	at, sum := time.Now(), 5000.
	v := wireValue{Type: "DURATION", FinishedDuration: &number{float: sum}, NumCountingUp: number{float: 1}, LastUpdateTime: text(at.Add(time.Hour - time.Minute).Format(time.RFC3339Nano))}
	r, unexpected := reading(&v, timing{answered: at, offset: offset{ahead: time.Hour}})
	if unexpected != "" || !r.Instant.Equal(at.Add(-time.Minute)) {
		t.Errorf("%q, %v before the answer", unexpected, at.Sub(r.Instant))
	}
	if !strings.Contains(r.Instant.String(), " m=") { // as time.Time says it
		t.Errorf("%v has no monotonic clock reading", r.Instant)
	}
}

func TestSurprisesAreBounded(t *testing.T) {
	var log bytes.Buffer
	d := decoder{log: slog.New(slog.NewTextHandler(&log, nil))}
	for i := range 10_000 {
		d.warn(UnknownType, "TYPE_"+strings.Repeat("X", i%26)+string(rune('A'+i/26%26)))
	}
	if n := strings.Count(log.String(), "\n"); n != maxWarnings {
		t.Errorf("%d lines", n)
	}
}

func TestOneUnreadableResultLeavesTheOthers(t *testing.T) {
	d := decoder{log: slog.New(slog.DiscardHandler)}
	got := d.readings(elements{[]byte(`5`), []byte(`{}`), []byte(`{"key":7}`), []byte(`{"key":{"metricId":"M"},"value":{"type":"COUNT","count":1}}`)}, timing{})
	if last := got[len(got)-1]; last.Reading != domain.CountOf(1) {
		t.Errorf("got %+v", got)
	}
}

func TestParseTime(t *testing.T) {
	at := time.Date(2019, 10, 1, 16, 13, 12, 244e6, time.UTC)
	whole, minute := at.Truncate(time.Second), at.Truncate(time.Minute)
	tests := []struct {
		text string
		want time.Time
	}{
		{"2019-10-01T10:13:12.244-06:00", at},
		{"2019-10-01T16:13:12.244Z", at},
		{"2019-10-01T16:13:12.244+00:00", at},
		{"2019-10-01T16:13:12.244000000Z", at},
		{"2019-10-01T10:13:12-06:00", whole},
		{"2019-10-01T10:13-06:00", minute},
		{"2019-10-01T16:13Z", minute},
		{"2019-10-01T10:13:12.244-0600", at},
		{"2019-10-01T10:13-0600", minute},
		{"2019-10-01T10:13:12.244-06", at},
		{"2019-10-01T10:13:12.244-06:00[America/Denver]", at},
	}
	for _, test := range tests {
		if got, err := parseTime(test.text); err != nil || !got.Equal(test.want) {
			t.Errorf("%s: got %v, %v; want %v", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", "now", "2019-10-01T10:13:12.244", "2019-10-01", "1569946392", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "2019-13-01T00:00:00Z", "[America/Denver]"} {
		if got, err := parseTime(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"2019-10-01T10:13:12.244-06:00", "2019-10-01T10:13Z", "2019-10-01T10:13:12.244-06:00[America/Denver]", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseTime(text)
		if err != nil {
			return
		}
		again, err := parseTime(parsed.Format(time.RFC3339Nano))
		if err != nil || !again.Equal(parsed) {
			t.Errorf("%q is %v, printed and read again %v, %v", text, parsed, again, err)
		}
	})
}

func FuzzValues(f *testing.F) {
	f.Add([]byte(`{"results":[{"key":{"metricId":"K","categoryValue":"John Doe(481)"},"value":{"lastUpdateTime":"2018-09-24T13:17:35.661-06:00",
		"type":"DURATION","finishedDuration":20521,"numCountingUp":2,"numCountingDown":1}}],"initializing":[{"metricId":"K1RNV2OQ"}]}`))
	f.Add([]byte(`{"results":[{"key":{"metricId":5},"value":{"type":"AVERAGE_DURATION","durationSum":1e308,"count":1e-308,"numCountingUp":1}}],"initializing":["a",6,null]}`))
	f.Add([]byte(`{"results":[{"key":{},"value":{"type":"STRING","value":"\u202e\ud800<script>"}}]}`))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		var answer wireAnswer
		if err := (&decoder{log: slog.New(slog.DiscardHandler)}).answer(bytes.NewReader(body), &answer); err != nil {
			return
		}
		d := decoder{log: slog.New(slog.DiscardHandler)}
		var all []domain.Reading
		for _, r := range d.readings(answer.Results, timing{answered: now, offset: offset{ahead: time.Hour}}) {
			all = append(all, r.Reading)
		}
		for combine := domain.Max; combine <= domain.Number; combine++ {
			joined, bends := combine.Join(all, now)
			v, ok := joined.At(now)
			if ok != (v.Kind != domain.None) || v.Duration < 0 || v.Duration > domain.MaxDuration || !(math.Abs(v.Number) < 1e20) || !(math.Abs(joined.Rate) < 1e15) {
				t.Errorf("%+v is %+v, %v", joined, v, ok)
			}
			if !bends.IsZero() && !bends.After(now) {
				t.Errorf("%+v bends at %v", all, bends)
			}
		}
	})
}
