package history

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Row is a value from one instant on, until the next row.
type Row struct {
	Time  time.Time `json:"time"`
	Value *float64  `json:"value"` // seconds, or a number of items; nil: unknown
}

// Rows returns hours as rows. Within an hour the values are sorted, because only for how long each was true is known.
func Rows(hours []Hour) (rows []Row) {
	for i, h := range hours {
		at, end := h.Start, h.Start.Add(time.Hour)
		for _, level := range slices.Sorted(maps.Keys(h.Times)) {
			if h.Times[level] <= 0 {
				continue
			}
			value := level.Value()
			rows = append(rows, Row{at, &value})
			at = at.Add(h.Times[level])
		}
		if at.Before(end) || i == len(hours)-1 || hours[i+1].Start.After(end) {
			rows = append(rows, Row{at, nil})
		}
	}
	return rows
}

// ErrNone means that a metric has no history.
var ErrNone = errors.New("history: none")

// WriteCSV writes rows with the header time,value. Times are in RFC 3339, and an unknown value is empty.
func WriteCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"time", "value"}) // Flush keeps errors
	for _, row := range rows {
		value := ""
		if row.Value != nil {
			value = strconv.FormatFloat(*row.Value, 'g', 6, 64)
		}
		_ = out.Write([]string{row.Time.UTC().Format(time.RFC3339Nano), value})
	}
	out.Flush()
	return out.Error()
}

// maxRows bounds what is imported: a row for each half minute of a year.
const maxRows = 1_100_000

// ReadCSV reads what WriteCSV writes, and a report with the same columns. An error names the line.
func ReadCSV(data []byte) (rows []Row, err error) {
	err = ReadTable(data, []string{"time", "value"}, func(fields []string) error {
		row := Row{}
		if row.Time, err = ParseTime(fields[0]); err != nil {
			return err
		}
		if fields[1] != "" {
			value, err := strconv.ParseFloat(fields[1], 64)
			if err != nil {
				return errors.New("the value must be a number of seconds or of items, or nothing if it is unknown")
			}
			row.Value = &value
		}
		rows = append(rows, row)
		return follows(rows, len(rows)-1)
	})
	if err != nil {
		return nil, err
	}
	return rows, check(rows)
}

// mark is the byte order mark that spreadsheets write.
var mark = []byte("\ufeff")

// ReadTable reads CSV with a header, and calls row for each line after it. Errors, also those of row, name the line.
func ReadTable(data []byte, header []string, row func(fields []string) error) error {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, mark)))
	in.FieldsPerRecord = len(header)
	in.ReuseRecord = true
	first, err := in.Read()
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the file is empty; its first line must be %s", strings.Join(header, ","))
	case err != nil || !slices.Equal(first, header):
		return fmt.Errorf("line 1: must be %s", strings.Join(header, ","))
	}
	for n := 1; ; n++ {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return fmt.Errorf("line %d: must have %d fields: %s", broken.Line, len(header), strings.Join(header, ","))
		} else if err != nil {
			return err
		}
		line, _ := in.FieldPos(0)
		if n > maxRows {
			return fmt.Errorf("line %d: the file has more than %d rows; import it in parts", line, maxRows)
		}
		if err := row(fields); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// ParseTime reads a time of a table.
func ParseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, errors.New("the time must be in RFC 3339, as in 2026-11-30T09:00:00-07:00")
	}
	return t, nil
}

// ReadJSON reads a list of rows. An error names the row, from 1.
func ReadJSON(data []byte) (rows []Row, err error) {
	if DecodeList(data, &rows) != nil {
		return nil, errors.New(`must be a list of rows, each as {"time": "2026-11-30T09:00:00Z", "value": 240}`)
	}
	for i := range rows {
		if err := follows(rows, i); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return rows, check(rows)
}

// DecodeList decodes a list of rows that is alone in a file.
func DecodeList(data []byte, rows any) error {
	in := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, mark)))
	in.DisallowUnknownFields()
	if err := in.Decode(rows); err != nil {
		return err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("history: something follows the list")
	}
	return nil
}

// follows checks a row and its order.
func follows(rows []Row, i int) error {
	row := rows[i]
	switch {
	case row.Time.IsZero():
		return errors.New("has no time")
	case row.Value != nil && !(*row.Value >= 0 && *row.Value < 1e9):
		return errors.New("the value must be from 0 to 1000000000")
	case i > 0 && !row.Time.After(rows[i-1].Time):
		return errors.New("the time must be after that of the row before")
	}
	return nil
}

func check(rows []Row) error {
	if len(rows) < 2 {
		return errors.New("needs at least two rows: a value counts until the next row")
	}
	return nil
}
