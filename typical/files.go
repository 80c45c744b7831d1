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

func (f files) setAside(name string, why error) {
	path, err := f.dir.SetAside(name)
	if err != nil {
		f.log.Error("history can't be used or set aside; it will be overwritten", "file", name, "error", errors.Join(why, err))
		return
	}
	f.log.Warn("history can't be used, setting it aside and collecting again", "file", path, "error", why)
}

// A savedHour is an hour in that file.
type savedHour struct {
	Widget string                  `json:"widget"`
	Metric string                  `json:"metric"`
	Start  time.Time               `json:"start"`
	Millis map[history.Level]int64 `json:"millis"` // by level
}

type savedHours struct {
	Version int         `json:"version"`
	Hours   []savedHour `json:"hours"`
}

const currentVersion = 1

// saveCurrent saves the hours that are not in their files.
func (f files) saveCurrent(hours map[domain.Placement][]history.Hour) error {
	out := savedHours{Version: currentVersion}
	for at, each := range hours {
		for _, h := range each {
			saved := savedHour{at.Widget, at.Metric, h.Start, map[history.Level]int64{}}
			for level, d := range h.Times {
				saved.Millis[level] = d.Milliseconds()
			}
			out.Hours = append(out.Hours, saved)
		}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return f.dir.Replace(currentFile, raw)
}

// current returns the hours of saveCurrent.
func (f files) current() map[domain.Placement][]history.Hour {
	out := map[domain.Placement][]history.Hour{}
	raw, err := f.dir.Read(currentFile, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return out
	}
	var in savedHours
	if err == nil {
		err = json.Unmarshal(raw, &in)
	}
	if err == nil && in.Version != currentVersion {
		err = history.ErrVersion
	}
	if err != nil {
		f.setAside(currentFile, err)
		return out
	}
	for _, h := range in.Hours {
		hour := history.Hour{Start: h.Start, Times: map[history.Level]time.Duration{}}
		for level, millis := range h.Millis {
			if level.Valid() && millis > 0 {
				hour.Times[level] = time.Duration(millis) * time.Millisecond
			}
		}
		at := domain.Placement{Widget: h.Widget, Metric: h.Metric}
		out[at] = append(out[at], hour)
	}
	return out
}
