package estimate

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"waitboard/history"
)

// A Row is the wait of one caller.
type Row struct {
	Time  time.Time `json:"time"`  // when the caller arrived
	Wait  float64   `json:"wait"`  // in seconds
	Ahead int       `json:"ahead"` // how many callers waited then
}

// ErrNone means that a metric is no estimate.
var ErrNone = errors.New("estimate: none")

// Rows returns all waits, the oldest day first. Only the day is known: its waits have times spread over it, so that long and short ones take turns.
// A wait is exact to 3 %.
func (a *Archive) Rows() (rows []Row) {
	for _, at := range slices.Sorted(maps.Keys(a.days)) {
		d, first := a.days[at], len(rows)
		for _, c := range slices.SortedFunc(maps.Keys(d.waits), cell.compare) {
			row := Row{time.Time{}, math.Round(c.level.Value()*100) / 100, c.ahead}
			rows = append(rows, slices.Repeat([]Row{row}, d.waits[c])...)
		}
		for i := range rows[first:] {
			_, part := math.Modf(float64(i) * math.Phi) // evenly spread, whatever their number
			rows[first+i].Time = time.Unix(at*secondsOfDay+int64(part*secondsOfDay), 0).UTC()
		}
		slices.SortStableFunc(rows[first:], func(a, b Row) int { return a.Time.Compare(b.Time) })
	}
	return rows
}

// Imported returns an archive of rows, to which nothing had been announced.
func Imported(rows []Row) *Archive {
	a := &Archive{}
	for _, row := range rows {
		a.Add(Sample{Arrived: row.Time, Wait: time.Duration(row.Wait * float64(time.Second)), Ahead: row.Ahead})
	}
	return a
}

// columns are the first line of CSV.
var columns = []string{"time", "wait", "ahead"}

// WriteCSV writes rows with the header time,wait,ahead. Times are in RFC 3339.
func WriteCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns) // Flush keeps errors
	for _, row := range rows {
		_ = out.Write([]string{row.Time.UTC().Format(time.RFC3339), strconv.FormatFloat(row.Wait, 'f', -1, 64), strconv.Itoa(row.Ahead)})
	}
	out.Flush()
	return out.Error()
}

// ReadCSV reads what WriteCSV writes, and a report with the same columns. An error names the line.
func ReadCSV(data []byte) (rows []Row, err error) {
	err = history.ReadTable(data, columns, func(fields []string) error {
		at, err := history.ParseTime(fields[0])
		if err != nil {
			return err
		}
		wait, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return errors.New("the wait must be a number of seconds")
		}
		ahead, err := strconv.Atoi(fields[2])
		if err != nil {
			return errors.New("ahead must be how many callers waited when this one arrived")
		}
		row := Row{at, wait, ahead}
		rows = append(rows, row)
		return row.check()
	})
	if err != nil {
		return nil, err
	}
	return rows, some(rows)
}

// ReadJSON reads a list of rows. An error names the row, from 1.
func ReadJSON(data []byte) (rows []Row, err error) {
	var list []struct {
		Time  time.Time
		Wait  *float64
		Ahead *int
	}
	if history.DecodeList(data, &list) != nil {
		return nil, errors.New(`must be a list of rows, each as {"time": "2026-11-30T09:00:00Z", "wait": 240, "ahead": 3}`)
	}
	for i, in := range list {
		if in.Wait == nil || in.Ahead == nil {
			return nil, fmt.Errorf("row %d: needs wait and ahead", i+1)
		}
		row := Row{in.Time, *in.Wait, *in.Ahead}
		if err := row.check(); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		rows = append(rows, row)
	}
	return rows, some(rows)
}

func (r Row) check() error {
	switch {
	case r.Time.Unix() < 0:
		return errors.New("has no time")
	case !(r.Wait >= 0 && r.Wait <= longest.Seconds()):
		return fmt.Errorf("the wait must be from 0 to %.0f seconds", longest.Seconds())
	case r.Ahead < 0 || r.Ahead > mostAhead:
		return fmt.Errorf("ahead must be from 0 to %d", mostAhead)
	}
	return nil
}

func some(rows []Row) error {
	if len(rows) == 0 {
		return errors.New("has no rows")
	}
	return nil
}
