package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"waitboard/domain"
)

// ErrUnavailable means that the engine does not answer, and nothing has changed.
var ErrUnavailable = errors.New("the engine of the cluster does not answer")

// Notices are the operators' notices of this replica.
type Notices interface {
	All() map[string]domain.Notice
	Revision() int64 // of those of the last Replace or change that others know of; 0: none
	Replace(all map[string]domain.Notice, revision int64)
}

// sharedNotices keep the notices of all replicas the same. This replica remembers them, for an engine that restarts empty.
type sharedNotices struct {
	mu       sync.Mutex // guards what follows, and orders changes
	local    Notices    // nil: not yet
	revision int64      // of what local has; 0: not from the engine
}

// A wireNotice is a notice on the engine. Its text is public.
type wireNotice struct {
	Version int       `json:"version"`
	Text    string    `json:"text"`
	Closed  bool      `json:"closed,omitempty"`
	From    time.Time `json:"from,omitzero"`
	Until   time.Time `json:"until,omitzero"`
}

const revisionField = ":revision" // no widget has such an ID

// ShareNotices makes the notices of this replica the same as those of the others from now on.
func (c *Cluster) ShareNotices(local Notices) {
	c.notices.mu.Lock()
	defer c.notices.mu.Unlock()
	c.notices.local, c.notices.revision = local, local.Revision()
}

// SetNotice stores a widget's notice on the engine, and then calls apply, which shows it here. It removes a zero notice. The error is
// ErrUnavailable, or that of apply.
func (c *Cluster) SetNotice(id string, n domain.Notice, apply func(revision int64) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), tickTimeout)
	defer cancel()
	s := &c.notices
	s.mu.Lock()
	defer s.mu.Unlock()
	value := ""
	if n != (domain.Notice{}) {
		value = encodeNotice(n)
	}
	if c.gaveUp() {
		return ErrUnavailable
	}
	set := func() (int64, error) {
		return note.Run(ctx, c.client, []string{c.key("notices")}, s.revision, noticesLife.Milliseconds(), c.key("wake"), id, value).Int64()
	}
	revision, err := set()
	if err == nil && revision == -1 && s.local != nil {
		if err = c.restoreNotices(ctx, s.local, s.revision); err == nil {
			revision, err = set()
		}
	}
	c.answered(err)
	if err != nil || revision < 0 {
		return ErrUnavailable
	}
	known := s.revision
	if revision == s.revision+1 { // else this replica has missed one
		known = revision
	}
	if err := apply(known); err != nil {
		return err // the next tick applies it
	}
	s.revision = known
	return nil
}

func encodeNotice(n domain.Notice) string {
	raw, err := json.Marshal(wireNotice{version, n.Text, n.Closed, n.From.UTC(), n.Until.UTC()})
	if err != nil {
		panic(err) // only for years after 9999
	}
	return string(raw)
}

// sync compares revisions: it fetches newer notices, and writes the notices back to an engine that has lost them.
func (s *sharedNotices) sync(ctx context.Context, c *Cluster) error {
	text, err := c.client.HGet(ctx, c.key("notices"), revisionField).Result()
	if err != nil && !errors.Is(err, redis.Nil) && !redis.HasErrorPrefix(err, wrongType) {
		return err
	}
	stored := parseRevision(text)
	c.mu.Lock()
	renewal := c.ticks%60 == 0
	c.mu.Unlock()
	s.mu.Lock()
	local, own := s.local, s.revision
	s.mu.Unlock()
	switch {
	case local == nil:
		return nil
	case stored > own:
		return s.fetch(ctx, c)
	case stored == own && stored > 0 && !renewal:
		return nil
	}
	return c.restoreNotices(ctx, local, own)
}

// restoreNotices writes all notices back, unless the engine has that revision or a later one.
func (c *Cluster) restoreNotices(ctx context.Context, local Notices, revision int64) error {
	all := local.All()
	if len(all) > 0 {
		revision = max(revision, 1)
	}
	if revision == 0 {
		return nil
	}
	args := []any{revision, noticesLife.Milliseconds(), c.key("wake")}
	for id, n := range all {
		args = append(args, id, encodeNotice(n))
	}
	return restore.Run(ctx, c.client, []string{c.key("notices")}, args...).Err()
}

// fetch shows the notices of the engine, if they are newer.
func (s *sharedNotices) fetch(ctx context.Context, c *Cluster) error {
	stored, err := c.client.HGetAll(ctx, c.key("notices")).Result()
	if err != nil && !redis.HasErrorPrefix(err, wrongType) {
		return err
	}
	revision := parseRevision(stored[revisionField])
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.local == nil || revision <= s.revision {
		return nil
	}
	all := map[string]domain.Notice{}
	for id, raw := range stored {
		var n wireNotice
		if id != revisionField && json.Unmarshal([]byte(raw), &n) == nil && n.Version == version {
			all[id] = domain.Notice{Text: n.Text, Closed: n.Closed, From: n.From, Until: n.Until}
		}
	}
	s.local.Replace(all, revision)
	s.revision = revision
	return nil
}

// parseRevision returns 0 for what another program has written.
func parseRevision(text string) int64 {
	revision, err := strconv.ParseInt(text, 10, 64)
	if err != nil || revision >= maxNumber {
		return 0
	}
	return revision
}
