package notices

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"waitboard/datadir"
	"waitboard/domain"
)

const (
	fileName    = "notices.json"
	fileVersion = 2        // 1 had no starts
	maxFile     = 16 << 20 // bytes: thousands of the longest notices
)

// file is the content of the file.
type file struct {
	Version  int                   `json:"version"`
	Revision int64                 `json:"revision,omitempty"` // that all replicas know
	Notices  map[string]fileNotice `json:"notices"`
}

type fileNotice struct {
	Text   string     `json:"text"`
	Closed bool       `json:"closed,omitempty"`
	From   *time.Time `json:"from,omitempty"`  // nil: at once
	Until  *time.Time `json:"until,omitempty"` // nil: no end
}

// load reads the file. A missing file holds no notices.
func load(dir *datadir.Dir) (all map[string]domain.Notice, revision int64, err error) {
	data, err := dir.Read(fileName, maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, nil
	case err != nil:
		return nil, 0, err
	}
	return parse(data)
}

// parse rejects a file with any mistake: the program writes none.
func parse(data []byte) (all map[string]domain.Notice, revision int64, err error) {
	var version struct{ Version int }
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, 0, fmt.Errorf("file damaged: %w", err)
	}
	if version.Version != 1 && version.Version != fileVersion {
		return nil, 0, fmt.Errorf("file has version %d, this program reads version %d and earlier", version.Version, fileVersion)
	}
	var f file
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, 0, fmt.Errorf("file damaged: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, 0, errors.New("file damaged: text after its end")
	}
	all = map[string]domain.Notice{}
	for id, n := range f.Notices {
		if reason := validateText(n.Text); reason != "" {
			return nil, 0, fmt.Errorf("the notice of widget %q is damaged: %s", id, reason)
		}
		notice := domain.Notice{Text: n.Text, Closed: n.Closed}
		for into, t := range map[*time.Time]*time.Time{&notice.From: n.From, &notice.Until: n.Until} {
			if t == nil {
				continue
			}
			*into = t.UTC()
			if into.IsZero() || into.Year() > 9999 { // zero means none; later years can't be written
				return nil, 0, fmt.Errorf("the notice of widget %q is damaged: invalid time", id)
			}
		}
		all[id] = notice
	}
	return all, f.Revision, nil
}

// save replaces the file.
func save(dir *datadir.Dir, all map[string]domain.Notice, revision int64) error {
	f := file{Version: 1, Notices: map[string]fileNotice{}}
	if revision > 0 {
		f.Version, f.Revision = fileVersion, revision
	}
	for id, n := range all {
		saved := fileNotice{Text: n.Text, Closed: n.Closed}
		if !n.From.IsZero() {
			f.Version, saved.From = fileVersion, &n.From // an earlier release must not show it at once
		}
		if !n.Until.IsZero() {
			saved.Until = &n.Until
		}
		f.Notices[id] = saved
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("notices: %w", err)
	}
	if len(data) >= maxFile { // load would reject it
		return errors.New("notices: too many for the file")
	}
	return dir.Replace(fileName, append(data, '\n'))
}
