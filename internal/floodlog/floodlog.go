// Package floodlog logs what strangers can cause at any rate. It logs at most one line a minute for each kind of event, with
// the number of events.
package floodlog

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// every is the shortest time between two lines of one kind.
const every = time.Minute

// A Log logs events of one message.
type Log struct {
	log     *slog.Logger
	now     func() time.Time
	message string

	mu    sync.Mutex
	kinds map[string]*kind // guarded by mu
}

// A kind is what a Log remembers of a kind of events.
type kind struct {
	due   time.Time // the earliest time of the next line
	count int       // events since the last line
}

// New returns a Log. The kinds of its events must be few and fixed, because it remembers each.
func New(log *slog.Logger, now func() time.Time, message string) *Log {
	return &Log{log: log, now: now, message: message, kinds: map[string]*kind{}}
}

// Add counts an event. It logs the first of its kind at once, and later ones together with the first that comes a minute
// after the last line. The attributes describe this event.
func (l *Log) Add(level slog.Level, name string, attrs ...slog.Attr) {
	count := l.count(name)
	if count == 0 {
		return
	}
	l.log.LogAttrs(context.Background(), level, l.message, append([]slog.Attr{slog.String("kind", name), slog.Int("count", count)}, attrs...)...)
}

// count returns how many events the next line stands for, or 0 if it isn't due.
func (l *Log) count(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kinds[name]
	if k == nil {
		k = new(kind)
		l.kinds[name] = k
	}
	k.count++
	now := l.now()
	if now.Before(k.due) {
		return 0
	}
	count := k.count
	k.due, k.count = now.Add(every), 0
	return count
}
