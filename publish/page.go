package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	v1 "waitboard/api/v1"
	"waitboard/domain"
)

// A Page is one rendered snapshot. It is shared: nobody changes it. Other forms than JSON are rendered at their first request, and shared too.
type Page struct {
	Snapshot domain.Snapshot
	Change   string // a hash of what the page shows; it stays the same while only Snapshot.ObservedAt changes
	Plain    Variant
	Badges   *Badges // as images

	rendered            *rendered
	onceGzip, onceEvent sync.Once
	zipped              Variant
	event               []byte
}

// timeFormat is RFC 3339 in UTC with milliseconds. Its texts all have the same length, so one can replace another.
const timeFormat = "2006-01-02T15:04:05.000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeFormat) }

// rendered is a snapshot's JSON, cut at its observed_at. Most polls change only that, so what is around it is encoded and hashed once.
type rendered struct {
	head, tail []byte // tail is empty when there is no observed_at
	hash       string

	text func() Variant
}

// seconds rounds up.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// render encodes the snapshot, and keeps it for the forms that are rendered later.
func render(s *domain.Snapshot) *rendered {
	out := v1.Snapshot{
		ID: s.ID, Title: s.Title, Locale: s.Locale.Numbers(), State: string(s.State), Stale: s.Stale,
		RefreshAfter: seconds(s.RefreshAfter), StaleAfter: seconds(s.StaleAfter), HideAfter: seconds(s.HideAfter),
		Message: s.Message, Notice: s.Notice,
		Metrics: make([]v1.Metric, len(s.Metrics)),
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
	if err != nil { // only NaN and infinity can't be encoded, and sources don't send them
		panic(fmt.Sprintf("publish: snapshot of %s: %v", s.ID, err))
	}
	raw = append(raw, '\n')
	head, tail := raw, []byte(nil)
	// No text before observed_at can hold these bytes: JSON escapes quotation marks.
	if start := bytes.Index(raw, []byte(`"observed_at":"`)); start >= 0 {
		start += len(`"observed_at":"`)
		head, tail = raw[:start], raw[start+len(timeFormat):]
	}
	return &rendered{
		head: head, tail: tail, hash: Tag(head, tail),
		text: sync.OnceValue(func() Variant { return tagged([]byte(sentence(s)+"\n"), "-text") }),
	}
}

func renderMetric(m *domain.Shown) v1.Metric {
	out := v1.Metric{ID: m.ID, Label: m.Label, Type: m.Kind.String(), Text: m.Text, Level: string(m.Level), Stale: m.Stale}
	var value any
	switch v := m.Value; v.Kind {
	case domain.Duration:
		value = v.Duration.Seconds()
	case domain.Count:
		value = v.Number
	case domain.Boolean:
		value = v.Flag
	case domain.Text:
		value = v.Text
	}
	if m.Range == (domain.Range{}) {
		out.Value = &value
	} else {
		out.Range = renderRange(m)
	}
	if m.Kind == domain.Duration {
		out.Unit = "s"
		if m.Rate != 0 {
			out.Rate, out.AsOf = &m.Rate, formatTime(m.AsOf)
		}
	}
	if m.Typical != (domain.Typical{}) {
		out.Typical, out.Compared = renderTypical(m.Typical), string(m.Compared)
	}
	out.Basis = string(m.Basis)
	if m.Said.Public {
		out.Estimate = renderSaid(m.Said)
	}
	if m.Link != (domain.Link{}) {
		out.Link = &v1.Link{Label: m.Link.Label, URL: m.Link.URL}
	}
	return out
}

func renderRange(m *domain.Shown) *v1.Range {
	unit := 1.
	if m.Kind == domain.Duration {
		unit = 1000 // milliseconds in a second
	}
	out := new(v1.Range)
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

// page returns the page of a snapshot that differs from the rendered one in observed_at only.
func (r *rendered) page(s domain.Snapshot) *Page {
	page := &Page{Snapshot: s, Change: r.hash, rendered: r}
	tag := r.hash
	if !s.ObservedAt.IsZero() {
		tag += "-" + strconv.FormatInt(s.ObservedAt.UnixMilli(), 36)
	}
	page.Plain = NewVariant(bytes.Join([][]byte{r.head, page.stamp(), r.tail}, nil), tag)
	return page
}

// Behind reports whether an entity tag is of another page of the widget that is not older than this one: another replica has sent it.
func (p *Page) Behind(etag string) bool {
	return Behind(etag, p.Plain.ETag[0])
}

// maxAhead is how far the clock of another replica may be ahead.
const maxAhead = 2 * time.Second

// Outdated reports whether an entity tag is of a newer page of the widget that is not stale yet. A client with that page should keep it.
func (p *Page) Outdated(etag string, now time.Time) bool {
	_, at, ok := unstamped(etag)
	observed, own := time.UnixMilli(at), p.Snapshot.ObservedAt
	return ok && !own.IsZero() && observed.After(own) && observed.Before(now.Add(maxAhead)) && now.Before(observed.Add(p.Snapshot.StaleAfter))
}

// stamp returns observed_at as rendered; nil: none.
func (p *Page) stamp() []byte {
	if p.Snapshot.ObservedAt.IsZero() {
		return nil
	}
	return p.Snapshot.ObservedAt.UTC().AppendFormat(nil, timeFormat)
}

// Gzip returns Plain compressed; without a body where that isn't smaller.
func (p *Page) Gzip() *Variant {
	p.onceGzip.Do(func() {
		if zipped := Compress(p.Plain.Body); len(zipped) < len(p.Plain.Body) {
			p.zipped = p.Plain.Zipped(zipped)
		}
	})
	return &p.zipped
}

// Text returns the snapshot as one line of text.
func (p *Page) Text() Variant { return p.rendered.text() }

// Shields returns the snapshot as JSON for shields.io's endpoint badge, which says how long it may be cached.
func (p *Page) Shields(fresh time.Duration) Variant {
	return tagged(shields(&p.Snapshot, fresh), "-shields")
}
