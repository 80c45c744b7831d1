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
	fileVersion = 1
	maxFile     = 16 << 20 // bytes: thousands of the longest notices
)

// file is what the file holds.
type file struct {
	Version int                   `json:"version"`
	Notices map[string]fileNotice `json:"notices"`
}

type fileNotice struct {
	Text   string     `json:"text"`
	Closed bool       `json:"closed,omitempty"`
	Until  *time.Time `json:"until,omitempty"` // nil: until it is taken back
}

// load reads the file; none holds no notice.
func load(dir *datadir.Dir) (map[string]domain.Notice, error) {
	data, err := dir.Read(fileName, maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return parse(data)
}

// parse reads all or nothing: a file of ours has no mistake, and of another nothing can be trusted.
func parse(data []byte) (map[string]domain.Notice, error) {
	var version struct{ Version int }
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if version.Version != fileVersion {
		return nil, fmt.Errorf("it is of version %d, and this program reads version %d", version.Version, fileVersion)
	}
	var f file
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is damaged: something follows after its end")
	}
	all := map[string]domain.Notice{}
	for id, n := range f.Notices {
		if reason := checkText(n.Text); reason != "" {
			return nil, fmt.Errorf("the notice of widget %q is damaged: %s", id, reason)
		}
		notice := domain.Notice{Text: n.Text, Closed: n.Closed}
		if n.Until != nil {
			notice.Until = n.Until.UTC()
			if notice.Until.IsZero() || notice.Until.Year() > 9999 { // which would stand for no end, or could not be written again
				return nil, fmt.Errorf("the notice of widget %q is damaged: its end is no time", id)
			}
		}
		all[id] = notice
	}
	return all, nil
}

// save writes the file anew.
func save(dir *datadir.Dir, all map[string]domain.Notice) error {
	f := file{Version: fileVersion, Notices: map[string]fileNotice{}}
	for id, n := range all {
		kept := fileNotice{Text: n.Text, Closed: n.Closed}
		if !n.Until.IsZero() {
			kept.Until = &n.Until
		}
		f.Notices[id] = kept
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("notices: %w", err)
	}
	if len(data) >= maxFile { // it could not be read again
		return errors.New("there are too many notices to keep")
	}
	return dir.Replace(fileName, append(data, '\n'))
}
