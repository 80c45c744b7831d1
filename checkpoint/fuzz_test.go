package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/domain"
	"waitboard/locale"
)

// key43 is a key in the encoding of the file.
const key43 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// sealed returns a file with a valid checksum.
func sealed(body string) []byte {
	sum := sha256.Sum256([]byte(body))
	head, err := json.Marshal(header{fileVersion, hex.EncodeToString(sum[:])})
	if err != nil {
		panic(err)
	}
	return append(append(head, '\n'), body...)
}

// FuzzReadFile reads any content, also with a valid checksum. It is rejected, or can be shown and written again unchanged.
func FuzzReadFile(f *testing.F) {
	good, err := format(make([]byte, 32), map[string]domain.Observation{
		"a": one(noon, domain.Line(time.Minute, 1, noon)), "b": observed(noon, map[string]domain.Reading{"x": domain.TextOf("<b>"), "y": domain.BooleanOf(true)}),
	})
	if err != nil {
		f.Fatal(err)
	}
	_, body, _ := bytes.Cut(good, []byte("\n"))
	f.Add(string(body), true)
	f.Add(string(good), false)
	for _, sample := range []string{
		`{"kind":"duration","base":1e300,"rate":-1e300}`, `{"kind":"duration","rate":1}`, `{"kind":"count","base":1e308}`, `{"kind":"text","text":"\u202e\u0000"}`,
		`{"confirmed":"9999-12-31T23:59:59-23:59"}`, `{"instant":"0000-01-01T00:00:00+01:00","kind":"duration"}`,
	} {
		f.Add(fmt.Sprintf(`{"key":%q,"metrics":{"m":{"confirmed":"2026-11-23T12:00:00Z","samples":{"":%s,"z":%[2]s}}}}`, key43, sample), true)
	}
	f.Fuzz(func(t *testing.T, text string, valid bool) {
		data := []byte(text)
		if valid {
			data = sealed(text)
		}
		key, known, err := parse(data)
		if err != nil {
			return
		}
		again, err := format(key, known)
		if err != nil {
			t.Fatalf("format: %v", err)
		}
		_, same, err := parse(again)
		if diff := cmp.Diff(known, same); err != nil || diff != "" {
			t.Fatalf("%v %s", err, diff)
		}
		for _, o := range known {
			for _, combine := range []domain.Combine{domain.Max, domain.Sum, domain.Mean} {
				w := domain.Widget{Locale: locale.English(), StaleAfter: time.Minute, HideAfter: time.Hour, Metrics: []domain.WidgetMetric{{Combine: combine}}}
				shown, _ := w.At(domain.Inputs{Observed: []domain.Observation{o}}, noon)
				if len(shown.Metrics) != 1 || shown.Metrics[0].Value.Duration < 0 {
					t.Errorf("shown as %+v", shown)
				}
			}
		}
	})
}
