package board

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"waitboard/api"
	"waitboard/wait"
)

// A Page is one rendered snapshot. It is shared by all its readers, who must not change it.
type Page struct {
	Snapshot     wait.Snapshot
	Change       string // names what the page shows: it stays the same while only Snapshot.ObservedAt moves
	Plain        Variant
	Gzip         Variant       // the same, compressed; without a body where that would not be smaller
	Text         Variant       // as one line of text
	Shields      Variant       // as a badge for shields.io's endpoint
	Badges       *Badges       // as images
	MaxAge       time.Duration // how long a cache may keep it
	CacheControl []string      // ready header values

	once  sync.Once // makes event
	event []byte
}

// A Variant is one encoding of a page.
type Variant struct {
	Body   []byte
	ETag   []string // ready header values
	Length []string
}

// timeFormat is RFC 3339 in UTC with milliseconds. Its texts all have the same length, so one can replace another.
const timeFormat = "2006-01-02T15:04:05.000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeFormat) }

// rendered is a snapshot's JSON, cut at its observed_at. Most polls change that and nothing else, so everything around
// it is encoded, hashed and compressed once, and a new observed_at is only put in between.
type rendered struct {
	head, tail   segment // tail is empty when there is no observed_at
	hash         string
	text         Variant
	shields      Variant
	briefShields Variant // that nobody may keep
	maxAge       time.Duration
	control      []string
}

func render(w *wait.Widget, s *wait.Snapshot) *rendered {
	out := api.Snapshot{
		ID: s.ID, Title: s.Title, Locale: s.Locale.Tag(), State: string(s.State), Stale: s.Stale,
		RefreshAfter: int(math.Ceil(s.RefreshAfter.Seconds())),
		Message:      s.Message, Notice: s.Notice,
		Metrics: make([]api.Metric, len(s.Metrics)),
	}
	if !s.OpensAt.IsZero() {
		out.OpensAt = formatTime(s.OpensAt)
	}
	if !s.ObservedAt.IsZero() {
		out.ObservedAt = formatTime(s.ObservedAt)
	}
	for i := range s.Metrics {
		out.Metrics[i] = renderMetric(&s.Metrics[i])
	}
	raw, err := json.Marshal(out)
	if err != nil { // only numbers that JSON does not have can't be marshaled, and what comes from a source is bounded
		panic(fmt.Sprintf("board: snapshot of %s: %v", s.ID, err))
	}
	raw = append(raw, '\n')
	maxAge, control := cacheControl(w, s)
	r := &rendered{maxAge: maxAge, control: []string{control}}
	head, tail := raw, []byte(nil)
	// No text can hold these bytes before observed_at: JSON escapes the quotation marks in it.
	if start := bytes.Index(raw, []byte(`"observed_at":"`)); start >= 0 {
		start += len(`"observed_at":"`)
		head, tail = raw[:start], raw[start+len(timeFormat):]
	}
	r.head, r.tail = newSegment(head, tail == nil), newSegment(tail, true)
	sum := sha256.New()
	sum.Write(head)
	sum.Write(tail)
	r.hash = base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:12])
	r.text = hashed([]byte(sentence(s)+"\n"), "-text")
	r.shields, r.briefShields = hashed(shields(s, maxAge), "-shields"), hashed(shields(s, 0), "-shields")
	return r
}

func renderMetric(m *wait.Shown) api.Metric {
	out := api.Metric{ID: m.ID, Label: m.Label, Type: m.Kind.String(), Text: m.Text, Level: string(m.Level), Stale: m.Stale}
	var value any
	switch v := m.Value; v.Kind {
	case wait.Duration:
		value, out.AsOf = v.Duration.Seconds(), formatTime(m.AsOf)
	case wait.Count:
		value = v.Number
	case wait.Boolean:
		value = v.Flag
	case wait.Text:
		value = v.Text
	}
	if m.Range == (wait.Range{}) {
		out.Value = &value
	} else {
		out.Range = renderRange(m)
	}
	if m.Kind == wait.Duration {
		out.Unit = "s"
		if m.Present() {
			out.Rate = &m.Rate
		}
	}
	if m.Link != (wait.Link{}) {
		out.Link = &api.Link{Label: m.Link.Label, URL: m.Link.URL}
	}
	return out
}

func renderRange(m *wait.Shown) *api.Range {
	unit := 1.
	if m.Kind == wait.Duration {
		unit = 1000 // milliseconds in a second
	}
	out := new(api.Range)
	if m.Range.HasMin {
		low := m.Range.Min / unit
		out.Min = &low
	}
	if m.Range.HasMax {
		high := m.Range.Max / unit
		out.Max = &high
	}
	return out
}

// page puts the snapshot's observed_at in.
func (r *rendered) page(s wait.Snapshot) *Page {
	page := &Page{Snapshot: s, Change: r.hash, Text: r.text, Shields: r.shields, MaxAge: r.maxAge, CacheControl: r.control}
	var stamp []byte
	tag := r.hash
	if !s.ObservedAt.IsZero() {
		stamp = s.ObservedAt.UTC().AppendFormat(nil, timeFormat)
		tag += "-" + strconv.FormatInt(s.ObservedAt.UnixMilli(), 36)
	}
	page.Plain = NewVariant(bytes.Join([][]byte{r.head.raw, stamp, r.tail.raw}, nil), tag)
	if zipped := gzipped(&r.head, stamp, &r.tail); len(zipped) < len(page.Plain.Body) {
		page.Gzip = NewVariant(zipped, tag+"-gzip")
	}
	return page
}

// hashed makes a variant whose entity tag is made of the body.
func hashed(body []byte, suffix string) Variant {
	sum := sha256.Sum256(body)
	return NewVariant(body, base64.RawURLEncoding.EncodeToString(sum[:12])+suffix)
}

// NewVariant makes the header values of a body. The entity tag is without quotation marks.
func NewVariant(body []byte, etag string) Variant {
	return Variant{Body: body, ETag: []string{`"` + etag + `"`}, Length: []string{strconv.Itoa(len(body))}}
}

// maxMaxAge bounds how long after its time a cache can show something as fresh, or at all.
const maxMaxAge = 10 * time.Second

// keptFor is how long caches may show a page after they got it, at most.
func keptFor(w *wait.Widget) time.Duration { return max(w.StaleAfter-w.RefreshAfter, maxMaxAge) }

// revalidate makes caches ask before each use.
var revalidate = []string{"public, no-cache"}

// cacheControl lets caches keep a page for half of the time after which a reader asks again, so that they add less to
// its age than the poll does. While the origin fails they may go on showing a fresh page (RFC 5861), though not until
// what it says of its freshness is untrue. What is not known yet, or no longer, is worth asking for again at once.
func cacheControl(w *wait.Widget, s *wait.Snapshot) (maxAge time.Duration, header string) {
	maxAge = time.Second
	if s.State == wait.Open {
		maxAge = min(max(w.RefreshAfter/2, time.Second), maxMaxAge).Truncate(time.Second)
	}
	header = fmt.Sprintf("public, max-age=%d", maxAge/time.Second)
	if spare := w.StaleAfter - w.RefreshAfter - maxAge; s.State == wait.Open && !s.Stale && spare >= time.Second {
		header += fmt.Sprintf(", stale-if-error=%d", spare/time.Second)
	}
	return maxAge, header
}
