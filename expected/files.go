package expected

import (
	"errors"
	"io/fs"

	"waitboard/domain"
	"waitboard/estimate"
)

// maxFile bounds the files that are read: eight weeks of a busy line have less than a tenth of it.
const maxFile = 32 << 20

// FileName returns the name of a metric's file in the data folder.
func FileName(at domain.Placement) string { return "estimate-" + at.Widget + "." + at.Metric }

// errOther means that an archive has what was learned before wait or queue were changed.
var errOther = errors.New("expected: the waits are those of another line")

// isOf reports whether an archive is of a line.
func isOf(a *estimate.Archive, line uint32) bool { return a.Line == 0 || a.Line == line }

// read returns what is saved of a metric. A file that can't be used is set aside.
func (c *Collector) read(at domain.Placement, line uint32) *estimate.Archive {
	none := &estimate.Archive{Line: line}
	if c.o.Dir == nil {
		return none
	}
	raw, err := c.o.Dir.Read(FileName(at), maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return none
	}
	if err == nil {
		var archive *estimate.Archive
		if archive, err = estimate.Decode(raw); err == nil && isOf(archive, line) {
			archive.Line = line
			return archive
		}
		if err == nil {
			err = errOther
		}
	}
	path, failed := c.o.Dir.SetAside(FileName(at))
	if failed != nil {
		c.o.Log.Error("learned waits can't be used or set aside; they will be overwritten", "file", FileName(at), "error", errors.Join(err, failed))
	} else {
		c.o.Log.Warn("learned waits can't be used, setting them aside and learning again", "file", path, "error", err)
	}
	return none
}

// write saves an archive, if there is a folder. It logs when writing begins to fail, and when it works again.
func (c *Collector) write(at domain.Placement, raw []byte) (saved bool) {
	if c.o.Dir == nil {
		return true
	}
	err := c.o.Dir.Replace(FileName(at), raw)
	c.mu.Lock()
	failed := c.failed
	c.failed = err != nil
	c.mu.Unlock()
	switch {
	case err != nil && !failed:
		c.o.Log.Warn("learned waits not saved, retrying; a restart would lose what is new", "error", err)
	case err == nil && failed:
		c.o.Log.Info("learned waits saved again")
	}
	return err == nil
}
