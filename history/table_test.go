package history

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"waitboard/domain"
)

// What is exported and imported again is the same, as CSV and as JSON.
func TestRowsThereAndBack(t *testing.T) {
	a := Archive{Kind: domain.Duration}
	for i := range 5 {
		start := time.Date(2026, 6, 1, 9+i, 0, 0, 0, time.UTC)
		if i == 3 {
			continue // a gap
		}
		a.Add(Hour{start, map[Level]time.Duration{0: 10 * time.Minute, 40: 20 * time.Minute, Level(50 + i): time.Duration(1+i*7) * time.Minute}})
	}
	rows := Rows(a.Hours())
	var asCSV bytes.Buffer
	if err := WriteCSV(&asCSV, rows); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() ([]Row, error){
		"CSV": func() ([]Row, error) { return ReadCSV(asCSV.Bytes()) }, "JSON": func() ([]Row, error) { return ReadJSON(asJSON) },
	} {
		back, err := read()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := NewRecorder(time.UTC)
		got := Archive{Kind: domain.Duration}
		for i := range back[:len(back)-1] {
			if back[i].Value != nil {
				got.Add(r.Add(Piece{From: back[i].Time, To: back[i+1].Time, Value: *back[i].Value})...)
			}
		}
		got.Add(r.Flush(nil)...)
		if !bytes.Equal(got.Encode(), a.Encode()) {
			t.Errorf("%s: not the same after the import\n%s", name, asCSV.String())
		}
	}
}

func TestReadRows(t *testing.T) {
	const head = "time,value\n"
	for _, c := range []struct{ name, file, err string }{
		{"two rows", head + "2026-11-30T09:00:00-07:00,240\n2026-11-30T09:30:00-07:00,\n", ""},
		{"of Windows, with a mark", "\ufefftime,value\r\n2026-11-30T09:00:00Z,240\r\n2026-11-30T09:30:00Z,0.5\r\n", ""},
		{"JSON with a mark", "\ufeff" + `[{"time": "2026-11-30T09:00:00Z", "value": 1}, {"time": "2026-11-30T09:30:00Z"}]` + "\r\n", ""},
		{"two lists", `[{"time": "2026-11-30T09:00:00Z"}, {"time": "2026-11-30T09:30:00Z"}] []`, "must be a list"},
		{"empty", "", "the file is empty"},
		{"another header", "Time;Value\n", "line 1: must be time,value"},
		{"one row", head + "2026-11-30T09:00:00Z,240\n", "at least two rows"},
		{"a local time", head + "2026-11-30 09:00,240\n", "line 2: the time must be in RFC 3339"},
		{"a word", head + "2026-11-30T09:00:00Z,4 min\n", "line 2: the value must be a number"},
		{"a decimal comma", head + "2026-11-30T09:00:00Z,\"4,5\"\n", "line 2: the value must be a number"},
		{"three fields", head + "2026-11-30T09:00:00Z,4,5\n", "line 2: must have 2 fields"},
		{"negative", head + "2026-11-30T09:00:00Z,-1\n", "line 2: the value must be from 0"},
		{"not a number", head + "2026-11-30T09:00:00Z,NaN\n", "line 2: the value must be from 0"},
		{"infinite", head + "2026-11-30T09:00:00Z,Inf\n", "line 2: the value must be from 0"},
		{"not in order", head + "2026-11-30T09:00:00Z,1\n2026-11-30T08:00:00Z,2\n", "line 3: the time must be after"},
		{"twice", head + "2026-11-30T09:00:00Z,1\n2026-11-30T09:00:00Z,2\n", "line 3: the time must be after"},
		{"an open quote", head + "2026-11-30T09:00:00Z,\"1\n", "must have 2 fields"},
		{"JSON", `[{"time":"2026-11-30T09:00:00Z","value":4},{"time":"2026-11-30T09:30:00Z","value":null}]`, ""},
		{"JSON with another field", `[{"when":"2026-11-30T09:00:00Z"}]`, "must be a list of rows"},
		{"JSON without a time", `[{"value":4},{"value":5}]`, "row 1: has no time"},
		{"JSON, not in order", `[{"time":"2026-11-30T09:00:00Z","value":4},{"time":"2026-11-30T08:30:00Z","value":5}]`, "row 2: the time must be after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			read := ReadCSV
			if strings.HasPrefix(strings.TrimPrefix(c.file, "\ufeff"), "[") {
				read = ReadJSON
			}
			rows, err := read([]byte(c.file))
			switch {
			case c.err == "" && (err != nil || len(rows) != 2):
				t.Errorf("%v, %v", rows, err)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("time,value\n2026-11-30T09:00:00Z,240\n2026-11-30T09:30:00Z,\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := ReadCSV(data)
		if err == nil && len(rows) < 2 {
			t.Error("accepted")
		}
	})
}
