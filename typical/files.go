package typical

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/history"
)

// maxFile bounds the files that are read: a year of a metric has less than a tenth of it.
const maxFile = 32 << 20

// files are the files of the data folder: history-WIDGET.METRIC for each metric, and history-current.json for the hours that go on.
type files struct {
	dir *datadir.Dir
	log *slog.Logger
}

const currentFile = "history-current.json"

// FileName returns the name of a metric's file in the data folder.
func FileName(at domain.Placement) string { return "history-" + at.Widget + "." + at.Metric }

// read returns what is saved of a metric. A file that can't be used is set aside.
func (f files) read(at domain.Placement) *history.Archive {
	raw, err := f.dir.Read(FileName(at), maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return &history.Archive{}
	}
	if err == nil {
		var archive *history.Archive
		if archive, err = history.Decode(raw); err == nil {
			return archive
		}
	}
	f.setAside(FileName(at), err)
	return &history.Archive{}
}

func (f files) write(at domain.Placement, a *history.Archive) error {
	return f.dir.Replace(FileName(at), a.Encode())
}

func (files) remove(domain.Placement) {} // the file of a widget stays, which may come back

func (f files) setAside(name string, why error) {
	path, err := f.dir.SetAside(name)
	if err != nil {
		f.log.Error("history can't be used or set aside; it will be overwritten", "file", name, "error", errors.Join(why, err))
		return
	}
	f.log.Warn("history can't be used, setting it aside and collecting again", "file", path, "error", why)
}

// A savedHour is an hour in that file, or on the engine.
type savedHour struct {
	Widget string                  `json:"widget"`
	Metric string                  `json:"metric"`
	Start  time.Time               `json:"start"`
	Millis map[history.Level]int64 `json:"millis"` // by level
}

type savedHours struct {
	Version int         `json:"version"`
	Hours   []savedHour `json:"hours"`
	Until   time.Time   `json:"until,omitzero"` // when they were saved; on the engine only
}

const currentVersion = 1

// encodeHours encodes hours that were saved at an instant.
func encodeHours(hours map[domain.Placement][]history.Hour, until time.Time) ([]byte, error) {
	out := savedHours{Version: currentVersion, Until: until.UTC()}
	for at, each := range hours {
		for _, h := range each {
			saved := savedHour{at.Widget, at.Metric, h.Start, map[history.Level]int64{}}
			for level, d := range h.Times {
				saved.Millis[level] = d.Milliseconds()
			}
			out.Hours = append(out.Hours, saved)
		}
	}
	return json.Marshal(out)
}

func decodeHours(raw []byte) (hours map[domain.Placement][]history.Hour, until time.Time, err error) {
	var in savedHours
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, until, err
	}
	if in.Version != currentVersion {
		return nil, until, history.ErrVersion
	}
	hours = map[domain.Placement][]history.Hour{}
	for _, h := range in.Hours {
		hour := history.Hour{Start: h.Start, Times: map[history.Level]time.Duration{}}
		for level, millis := range h.Millis {
			if level.Valid() && millis > 0 {
				hour.Times[level] = time.Duration(millis) * time.Millisecond
			}
		}
		at := domain.Placement{Widget: h.Widget, Metric: h.Metric}
		hours[at] = append(hours[at], hour)
	}
	return hours, in.Until, nil
}

// saveCurrent saves the hours that are not in their files.
func (f files) saveCurrent(hours map[domain.Placement][]history.Hour) error {
	raw, err := encodeHours(hours, time.Time{})
	if err != nil {
		return err
	}
	return f.dir.Replace(currentFile, raw)
}

// current returns the hours of saveCurrent.
func (f files) current() (hours map[domain.Placement][]history.Hour) {
	raw, err := f.dir.Read(currentFile, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		hours, _, err = decodeHours(raw)
	}
	if err != nil {
		f.setAside(currentFile, err)
	}
	return hours
}
