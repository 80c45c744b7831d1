package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/history"
	"waitboard/typical"
)

const (
	historyMetrics = 10_000 // each with its own widget
	historyRounds  = 3
	historyWeeks   = 8                // in the files, before the start
	historyZone    = "Bench/Hour"     // a time zone whose hours begin when the benchmark needs it
	historySpan    = time.Minute      // of a measurement, in which each minute's work happens once
	historyLoad    = 4 * time.Minute  // the time that the services have to start
	historyHour    = 10 * time.Minute // the longest time that the work of an hour may take
)

// An aged service has history, or is the same without.
type aged struct {
	name           string
	url, admin     string
	data           string    // its data_dir; "": without history
	perSecond      []float64 // processor time in mid-hour, in milliseconds a second
	resident, heap []float64 // MB
	hour           []float64 // additional processor time for the start of an hour, in seconds
	meter          *meter
}

// histories measures what history costs, and whether the start of an hour delays requests. Both services run at the same time and receive the
// same requests.
func (s *stage) histories() error {
	if err := os.Setenv("ZONEINFO", filepath.Join(s.folder, "zones")); err != nil {
		return err
	}
	phones, done, err := servePhones(historyMetrics, maxSources)
	if err != nil {
		return err
	}
	defer done()
	both := []*aged{
		{name: "without `history`", url: "http://127.0.0.1:18301", admin: "http://127.0.0.1:18302"},
		{name: "with `history`", url: "http://127.0.0.1:18303", admin: "http://127.0.0.1:18304", data: filepath.Join(s.folder, "data")},
	}
	var seen latencies
	for range historyRounds {
		if err := s.age(both, phones.address, &seen); err != nil {
			return err
		}
	}
	if err := printHistories(both); err != nil {
		return err
	}
	seen.print()
	return nil
}

// age runs one round: both services from their start until the one with history has written the files of an hour.
func (s *stage) age(both []*aged, phones string, seen *latencies) error {
	began := time.Now()
	turn := began.Add(historyLoad + 2*historySpan + 10*time.Second).Truncate(time.Second)
	if err := errors.Join(writeZone(filepath.Join(s.folder, "zones"), turn), fill(both[1].data, turn)); err != nil {
		return err
	}
	for _, one := range both {
		if err := s.launch(one, phones); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		defer s.stop(one.meter.process)
	}
	if time.Since(began) > historyLoad {
		return errors.New("the machine has too much other work: the history was loaded too late")
	}
	pass := func() error { s.wait(historySpan); return nil }
	quiet, err := s.during(both, nil, pass)
	if err != nil {
		return err
	}
	calm, err := s.during(both, seen.add(&seen.calm), pass)
	if err != nil {
		return err
	}
	for i, one := range both {
		one.perSecond = append(one.perSecond, quiet[i])
		if err := s.remember(one); err != nil {
			return err
		}
	}
	s.wait(time.Until(turn) - time.Second)
	from := time.Now()
	hour, err := s.during(both, seen.add(&seen.turn), func() error { return s.written(both[1].data, turn) })
	for i, one := range both {
		if err == nil {
			one.hour = append(one.hour, (hour[i]-calm[i])*time.Since(from).Seconds()/1e3)
		}
	}
	return err
}

// launch starts a service, and waits until all snapshots have values, and those of the service with history a typical range.
func (s *stage) launch(one *aged, phones string) error {
	f := scaleFile{
		listen: one.url[len("http://"):], admin: one.admin[len("http://"):], phones: phones, widgets: historyMetrics, sources: maxSources,
		interval: scaleInterval, more: fmt.Sprintf("timezone: %s\nrate_limit: {requests: 0}\n", historyZone),
	}
	text := `"state":"open"`
	if one.data != "" {
		f.more += fmt.Sprintf("data_dir: %q\n", one.data)
		f.metric = fmt.Sprintf(", history: {keep: %dw}", historyWeeks)
		text = `"typical":`
	}
	process, err := s.serve(f)
	if err != nil {
		return err
	}
	one.meter = &meter{process: process}
	end := time.Now().Add(historyLoad)
	for i := 0; i < historyMetrics && time.Now().Before(end); {
		if body, _, err := s.get(fmt.Sprintf("%s/v1/widgets/w%d", one.url, i)); err == nil && strings.Contains(string(body), text) {
			i++
			continue
		}
		s.wait(time.Second) // more requests would slow it down
	}
	return s.ctx.Err()
}

// during measures the processor time of both services while something happens, in milliseconds a second. It sends requests to both unless into
// is nil.
func (s *stage) during(both []*aged, into round, happens func() error) (perSecond []float64, err error) {
	for _, one := range both {
		err = errors.Join(err, one.meter.begin())
	}
	end := func() error { return nil }
	if into != nil {
		end = s.ask(both, into)
	}
	err = errors.Join(err, happens(), end())
	for _, one := range both {
		err = errors.Join(err, one.meter.end())
		perSecond = append(perSecond, one.meter.rounds[len(one.meter.rounds)-1])
	}
	return perSecond, errors.Join(err, s.ctx.Err())
}

var heapBytes = regexp.MustCompile(`(?m)^go_memstats_heap_alloc_bytes (\S+)$`)

// remember notes the memory of a service.
func (s *stage) remember(one *aged) error {
	resident, err := residentMB(one.meter.process)
	if err != nil {
		return err
	}
	body, _, err := s.get(one.admin + "/metrics")
	if err != nil {
		return err
	}
	found := heapBytes.FindSubmatch(body)
	if found == nil {
		return errors.New("go_memstats_heap_alloc_bytes is missing")
	}
	heap, err := strconv.ParseFloat(string(found[1]), 64)
	one.resident, one.heap = append(one.resident, resident), append(one.heap, heap/1e6)
	return err
}

// fill writes the files of weeks before the hour that begins at turn. The value changes every five minutes.
func fill(data string, turn time.Time) error {
	archive := &history.Archive{Kind: domain.Count}
	for n := historyWeeks * 7 * 24; n > 1; n-- {
		hour := history.Hour{Start: turn.Add(-time.Duration(n) * time.Hour).UTC(), Times: map[history.Level]time.Duration{}}
		for part := range 12 {
			hour.Times[history.LevelOf(float64(1+(n*12+part)*7919%60))] += 5 * time.Minute
		}
		archive.Add(hour)
	}
	file := archive.Encode()
	if err := errors.Join(os.RemoveAll(data), os.Mkdir(data, 0o700)); err != nil {
		return err
	}
	for i := range historyMetrics {
		name := typical.FileName(domain.Placement{Widget: fmt.Sprintf("w%d", i), Metric: "waiting"})
		if err := os.WriteFile(filepath.Join(data, name), file, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// written waits until all files have been written after an instant.
func (s *stage) written(data string, since time.Time) error {
	i := 0
	for end := since.Add(historyHour); time.Now().Before(end) && s.ctx.Err() == nil; s.wait(time.Second) {
		for ; i < historyMetrics; i++ {
			name := typical.FileName(domain.Placement{Widget: fmt.Sprintf("w%d", i), Metric: "waiting"})
			info, err := os.Stat(filepath.Join(data, name))
			if err != nil {
				return err
			}
			if info.ModTime().Before(since) {
				break
			}
		}
		if i == historyMetrics {
			return nil
		}
	}
	return errors.New("not all files of history were written after the hour")
}

// diskMB returns the size of all files of a folder.
func diskMB(folder string) (mb float64, err error) {
	files, err := os.ReadDir(folder)
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			return 0, err
		}
		mb += float64(info.Size()) / 1e6
	}
	return mb, err
}

// writeZone writes a time zone in which an hour begins at turn (RFC 9636, one type of local time).
func writeZone(folder string, turn time.Time) error {
	offset := int32(3600 - turn.Unix()%3600) //nolint:gosec // up to an hour
	file := append([]byte("TZif"), make([]byte, 16)...)
	for _, count := range []uint32{0, 0, 0, 0, 1, 4} { // types, and bytes of their names
		file = binary.BigEndian.AppendUint32(file, count)
	}
	file = binary.BigEndian.AppendUint32(file, uint32(offset)) //nolint:gosec // positive
	file = append(file, 0, 0, 'B', 'E', 'N', 0)
	path := filepath.Join(folder, historyZone)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, file, 0o600))
}

func printHistories(both []*aged) error {
	fmt.Printf("\n| %d metrics | processor, ms a second | next to without | resident | heap | files of %d weeks | processor time for a new hour |\n| --- | --- | --- | --- | --- | --- | --- |\n",
		historyMetrics, historyWeeks)
	for _, one := range both {
		disk := ""
		if one.data != "" {
			mb, err := diskMB(one.data)
			if err != nil {
				return err
			}
			disk = fmt.Sprintf("%.0f MB", mb)
		}
		fmt.Printf("| %s | %s | %s | %s MB | %s MB | %s | %s s |\n", one.name, spreadOf(one.perSecond).amount(),
			spreadOf(paired(one.perSecond, both[0].perSecond)).ratio(), spreadOf(one.resident).amount(), spreadOf(one.heap).amount(), disk, spreadOf(one.hour).amount())
	}
	return nil
}
