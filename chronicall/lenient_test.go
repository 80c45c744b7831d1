package chronicall

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
)

// Counts and durations in quotes are read wherever they come from, and the log says so once.
func TestNumbersInQuotes(t *testing.T) {
	at := time.Date(2018, 9, 24, 13, 17, 35, 0, time.UTC)
	for _, test := range []struct {
		name, value string
		want        domain.Reading
	}{
		{"count", `"type":"COUNT","count":"7"`, domain.CountOf(7)},
		{"count with a fraction and spaces", `"type":"COUNT","count":" 7.0 "`, domain.CountOf(7)},
		{"duration", `"type":"DURATION","finishedDuration":"20521","numCountingUp":"2","numCountingDown":"1"`, domain.Line(20521*time.Millisecond, 1, at)},
		{"average", `"type":"AVERAGE_DURATION","durationSum":"9000","count":"3","numCountingUp":"0"`, domain.Line(3*time.Second, 0, time.Time{})},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log strings.Builder
			d := decoder{log: slog.New(slog.NewTextHandler(&log, nil))}
			raw := fmt.Appendf(nil, `{"key":{"metricId":"M"},"value":{"lastUpdateTime":"2018-09-24T13:17:35Z",%s}}`, test.value)
			polled, pushed := d.readings(elements{raw}, timing{answered: at}), d.message(raw, timing{answered: at})
			for i, r := range []domain.KeyedReading{polled[0], pushed.KeyedReading} {
				if r.Reading != test.want || r.Unexpected != "" {
					t.Errorf("reading %d: %+v, want %+v", i+1, r, test.want)
				}
			}
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "reading them as numbers") {
				t.Errorf("logged %q", log.String())
			}
		})
	}
}

// A part of an answer that is not JSON takes the value from its own element only.
func TestDamagedElements(t *testing.T) {
	const good = `{"key":{"metricId":"M","categoryValue":"Good"},"value":{"lastUpdateTime":"2018-09-24T13:17:35Z","type":"COUNT","count":1}}`
	for _, test := range []struct {
		name, element string
		lost          bool // it is not even known which value it is
	}{
		{"NaN", `{"key":{"metricId":"M","categoryValue":"Bad"},"value":{"type":"COUNT","count":NaN}}`, false},
		{"infinity", `{"key":{"metricId":"M","categoryValue":"Bad"},"value":{"type":"DURATION","finishedDuration":-Infinity}}`, false},
		{"a number with a leading zero", `{"key":{"metricId":"M","categoryValue":"Bad"},"value":{"type":"COUNT","count":007}}`, false},
		{"NaN as the value", `{"key":{"metricId":"M","categoryValue":"Bad"},"value":NaN}`, false},
		{"a raw tab in a text", "{\"key\":{\"metricId\":\"M\",\"categoryValue\":\"Bad\"},\"value\":{\"type\":\"STRING\",\"value\":\"a\tb\"}}", false},
		{"a raw line break in a text", "{\"key\":{\"metricId\":\"M\",\"categoryValue\":\"Bad\"},\"value\":{\"type\":\"STRING\",\"value\":\"a\nb\"}}", false},
		{"a wrong escape in a text", `{"key":{"metricId":"M","categoryValue":"Bad"},"value":{"type":"STRING","value":"a\xb"}}`, false},
		{"a short escape in a text", `{"key":{"metricId":"M","categoryValue":"Bad"},"value":{"type":"STRING","value":"a\u12"}}`, false},
		{"NaN as an element", `NaN`, true},
		{"NaN as the metric", `{"key":{"metricId":NaN},"value":{"type":"COUNT","count":5}}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := client(t, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"results":[%s,%s],"initializing":[]}`, test.element, good)
			})
			b := c.Values(t.Context(), []string{"M"})[0]
			if b.Err != nil {
				t.Fatal(b.Err)
			}
			got := map[string]domain.Reading{}
			for _, r := range b.Readings {
				got[r.Key.Category] = r.Reading
			}
			want := map[string]domain.Reading{"Good": domain.CountOf(1), "Bad": {Unclear: true}}
			if test.lost {
				delete(want, "Bad")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A raw tab in the name of a category value takes its own value, but the value of the others stays.
func TestDamagedNames(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/metrics") {
			fmt.Fprint(w, "[{\"metricId\":\"M\",\"metricName\":\"Wait\tTime\",\"categorySelection\":[\"a\\x\",\"b\"]}]")
			return
		}
		fmt.Fprint(w, "{\"results\":[{\"key\":{\"metricId\":\"M\",\"categoryValue\":\"John\tDoe\"},\"value\":{\"type\":\"COUNT\",\"count\":3}}]}")
	})
	infos, err := c.Metrics(t.Context())
	want := []domain.MetricInfo{{ID: "M", Name: "Wait\tTime", Categories: []string{`a\x`, "b"}}}
	if diff := cmp.Diff(want, infos); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	b := c.Values(t.Context(), []string{"M"})[0]
	if b.Err != nil || len(b.Readings) != 1 || b.Readings[0].Key.Category != "John\tDoe" || !b.Readings[0].Reading.Unclear {
		t.Errorf("%v, %+v", b.Err, b.Readings)
	}
}

func TestByteOrderMark(t *testing.T) {
	const answer = `{"results":[{"key":{"metricId":"M"},"value":{"type":"COUNT","count":1}}]}`
	utf16 := func(text string) string {
		out := "\xff\xfe"
		for _, b := range []byte(text) {
			out += string([]byte{b, 0})
		}
		return out
	}
	for name, text := range map[string]string{"UTF-8": "\uFEFF" + answer, "UTF-16": utf16(answer)} {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			c := client(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
			c.decoder.log = slog.New(slog.NewTextHandler(&log, nil))
			for range 2 {
				if b := c.Values(t.Context(), []string{"M"})[0]; b.Err != nil || len(b.Readings) != 1 || b.Readings[0].Reading != domain.CountOf(1) {
					t.Errorf("%v, %+v", b.Err, b.Readings)
				}
			}
			pushed := strings.Replace(strings.TrimPrefix(answer, `{"results":[`), "]}", "", 1)
			if m := c.decoder.message([]byte("\uFEFF"+pushed), timing{answered: time.Now()}); m.Reading != domain.CountOf(1) {
				t.Errorf("pushed: %+v", m)
			}
			if strings.Count(log.String(), "byte order mark") != 1 {
				t.Errorf("logged %q", log.String())
			}
		})
	}
}

func TestMend(t *testing.T) {
	for _, test := range []struct{ name, raw, want string }{
		{"JSON stays", `{"a": [1, -2.5e3, true, null, "\u00e9\"\\\/"], "b":{}}`, `{"a": [1, -2.5e3, true, null, "\u00e9\"\\\/"], "b":{}}`},
		{"NaN", `{"a":NaN}`, `{"a":null,"waitboard:damaged":true}`},
		{"NaN after a space", "{\"a\":\n NaN }", `{"a":  null,"waitboard:damaged":true }`},
		{"words of a list", `[NaN,True,+1,.5]`, `[null,null,null,null]`},
		{"control characters", "{\"a\":\"\t\x00\"}", `{"a":"\u0009\u0000","waitboard:damaged":true}`},
		{"escapes", `{"a":"\x\u00zz\n"}`, `{"a":"\\x\\u00zz\n","waitboard:damaged":true}`},
		{"key", "{\"a\tb\":1}", `{"a\u0009b":1}`},
		{"no end", `["b\`, `["b\\`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(mend([]byte(test.raw))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func FuzzMend(f *testing.F) {
	f.Add([]byte(`{"results":[{"key":{"metricId":"M"},"value":{"type":"COUNT","count":NaN}}]}`))
	f.Add([]byte("[\"a\tb\\x\", 01]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var before, after any
		valid := json.Unmarshal(raw, &before) == nil
		err := json.Unmarshal(mend(raw), &after)
		if valid && (err != nil || !cmp.Equal(before, after)) {
			t.Errorf("%q changed to %q: %v", raw, mend(raw), err)
		}
	})
}
