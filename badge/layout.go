package badge

import (
	"strings"

	"waitboard/domain"
)

// The card, in pixels of an SVG. A PNG has twice as many.
const (
	Width = 320

	margin   = 18
	room     = Width - 2*margin
	titleY   = 32 // baseline
	bodyY    = 46 // top
	footRoom = 34 // below the body
	corner   = 12
)

// bodyHeight is what there is for so many metrics. It leaves a notice of two lines enough room beside them.
func bodyHeight(metrics int) int { return max(68, 26*metrics+24) }

// Height is that of the image of a widget with so many metrics, in whatever state it is.
func Height(metrics int) int { return bodyY + bodyHeight(metrics) + footRoom }

// A shape is one thing on the card: a text, or a box with round ends.
type shape struct {
	ink  ink
	x, y float64 // a text's baseline at its start, or at its end; a box's corner nearest to the start, upper one
	w, h float64 // of a box; w of a text is measured

	text  string // empty: a box
	style style
	atEnd bool // x is where the card's lines end, and the text with them
	exact bool // a reader's font will have the measured width too
}

// A layout places things from left to right; who draws them mirrors them where the language runs the other way.
type layout struct {
	*typesetter
	rtl    bool
	height int
	shapes []shape
}

// lay places everything of a card.
func lay(t *typesetter, c *Card) *layout {
	l := &layout{typesetter: t, rtl: c.RTL, height: Height(c.Metrics)}
	title := l.style(15, true, c.Title)
	l.write(inkTitle, margin, titleY, l.cut(c.Title, title, room), title)
	body := float64(bodyHeight(c.Metrics))
	switch {
	case len(c.Rows) == 0:
		l.message(c, body)
	case len(c.Rows) == 1 && c.Notice == "":
		l.hero(&c.Rows[0], bodyY)
	default:
		top := l.notice(c.Notice, bodyY, 2)
		l.rows(c.Rows, top, bodyY+body-top)
	}
	l.foot(c, bodyY+body)
	return l
}

// style is how a text is set. It runs as its own letters do, also where only a part of it is shown.
func (l *layout) style(size float64, bold bool, text string) style {
	return style{size: size, bold: bold, rtl: direction(text, l.rtl)}
}

// write places a text behind x. The result is the room that it takes.
func (l *layout) write(k ink, x, y float64, text string, s style) float64 {
	if text == "" {
		return 0
	}
	set := l.set(text, s)
	l.shapes = append(l.shapes, shape{ink: k, x: x, y: y, w: set.width, text: text, style: s, exact: set.exact})
	return set.room
}

// writeBefore places a text before x.
func (l *layout) writeBefore(k ink, x, y float64, text string, s style) float64 {
	taken := l.write(k, x, y, text, s)
	if taken > 0 {
		l.shapes[len(l.shapes)-1].atEnd = true
	}
	return taken
}

func (l *layout) box(k ink, x, y, w, h float64) {
	l.shapes = append(l.shapes, shape{ink: k, x: x, y: y, w: w, h: h})
}

// message says why there are no rows, in the middle of the body and the foot, which is empty then.
func (l *layout) message(c *Card, body float64) {
	s, pitch, most := l.style(15, false, c.Message), 21., int(body/21)
	reserved := 0
	if c.Notice != "" {
		reserved = 1 + min(1, most/3)
	}
	lines, whole := l.wrap(c.Message, s, room, most-reserved)
	if !whole {
		s, pitch, most = l.style(13, false, c.Message), 18, int((body+10)/18)
		lines, _ = l.wrap(c.Message, s, room, most-reserved)
	}
	top := float64(bodyY)
	if c.Notice != "" {
		top = l.notice(c.Notice, top, int((body+10-float64(len(lines))*pitch)/noticePitch)) + 2
	} else {
		top += max(0, (body-float64(len(lines))*pitch)/2)
	}
	for i, line := range lines {
		l.write(inkLabel, margin, top+pitch*float64(i)+s.size, line, s)
	}
}

const noticePitch = 16

// notice places what the company has to say, with a bar at its side. The result is where there is room again.
func (l *layout) notice(text string, top float64, most int) float64 {
	const barWidth, indent = 3, 11
	s := l.style(12, false, text)
	lines, _ := l.wrap(text, s, room-indent, most)
	if len(lines) == 0 {
		return top
	}
	l.box(inkNotice, margin, top, barWidth, float64(len(lines))*noticePitch)
	for i, line := range lines {
		l.write(inkTitle, margin+indent, top+12+noticePitch*float64(i), line, s)
	}
	return top + float64(len(lines))*noticePitch + 4
}

// hero places a single metric, large.
func (l *layout) hero(r *Row, top float64) {
	label := l.style(13, false, r.Label)
	l.write(inkLabel, margin, top+14, l.cut(r.Label, label, room), label)
	baseline := top + 51
	level := l.level(r, margin+room, baseline-2)
	k, _ := valueInk(r)
	value, s := l.value(r, room-level, 30, 24, 20, 16, 13)
	l.write(k, margin, baseline, value, s)
}

// rows places metrics below each other. A label gets what the rest leaves.
func (l *layout) rows(rows []Row, top, height float64) {
	const leastLabel, gap = 72, 10
	pitch := height / float64(len(rows))
	for i := range rows {
		r, baseline := &rows[i], top+pitch*(float64(i)+.5)+5
		k, _ := valueInk(r)
		value, s := l.value(r, room-leastLabel-gap-l.levelWidth(r), 15, 13, 12)
		taken := l.writeBefore(k, margin+room, baseline, value, s) + gap
		taken += l.level(r, margin+room-taken, baseline)
		label := l.style(13, false, r.Label)
		l.write(inkLabel, margin, baseline, l.cut(r.Label, label, room-taken), label)
	}
}

// value is what a row says, in the largest style in which it fits. A figure is never cut, since a part of it would be
// another figure: where there is no room at all it is left out.
func (l *layout) value(r *Row, room float64, sizes ...float64) (string, style) {
	_, bold := valueInk(r)
	if !bold {
		sizes = sizes[1:]
	}
	var s style
	for _, size := range sizes {
		if s = l.style(size, bold, r.Value); l.width(r.Value, s) <= room {
			return r.Value, s
		}
	}
	if r.Words {
		return l.cut(r.Value, s, room), s
	}
	return ellipsis, s
}

// valueInk tells how a row's value is painted, and whether it is bold.
func valueInk(r *Row) (k ink, bold bool) {
	if r.Faint {
		return inkFaint, !r.Words
	}
	return inkTitle, true
}

var levelInks = map[domain.Level]ink{domain.Low: inkLow, domain.Moderate: inkModerate, domain.High: inkHigh}

const dot, dotGap = 8, 6

func (l *layout) levelWidth(r *Row) float64 {
	if r.Level == "" {
		return 0
	}
	s := l.style(12, false, r.LevelWord)
	return l.width(l.cut(r.LevelWord, s, room/3), s) + dot + dotGap + 10
}

// level places a row's level before x: a dot, and the word for those who don't tell the colours apart. The result is the
// room that it takes.
func (l *layout) level(r *Row, x, baseline float64) float64 {
	if r.Level == "" {
		return 0
	}
	s, k := l.style(12, false, r.LevelWord), levelInks[r.Level]
	if r.Faint {
		k = inkFaint
	}
	width := l.writeBefore(k, x, baseline, l.cut(r.LevelWord, s, room/3), s)
	l.box(k, x-width-dotGap-dot, baseline-dot, dot, dot)
	return width + dotGap + dot + 10
}

// foot says from when it all is. The time is never cut.
func (l *layout) foot(c *Card, top float64) {
	if c.AsOf == "" {
		return
	}
	l.box(inkEdge, margin, top+2, room, 1)
	k, x, s := inkFaint, float64(margin), l.style(11.5, false, c.AsOf)
	if c.Stale {
		k = inkModerate
		l.box(k, x, top+14, dot, dot)
		x += dot + dotGap
	}
	text := c.AsOf
	if l.width(text, s) > margin+room-x {
		if text = l.cut(text, s, margin+room-x); !strings.Contains(text, c.Clock) {
			text = c.Clock
		}
	}
	l.write(k, x, top+22, text, s)
}
