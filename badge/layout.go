package badge

import (
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

// bodyHeight returns the height of the body for a number of metrics. It has room for them and a notice of two lines.
func bodyHeight(metrics int) int { return max(68, 26*metrics+24) }

// Height returns the height of an image by the widget's number of metrics, in any state.
func Height(metrics int) int { return bodyY + bodyHeight(metrics) + footRoom }

// A shape is a text or a rounded box on the card.
type shape struct {
	ink  ink
	x, y float64 // of a text: its baseline at its start or end; of a box: its upper corner at the start
	w, h float64 // size of a box; measured width of a text

	text  string // empty: a box
	style style
	atEnd bool // x is the end of the text
	exact bool // a reader's font has the same width

	corner float64 // radius of a box; 0: half its shorter side
	peak   bool    // a triangle that points up, in place of the box
}

// A layout has its shapes from left to right. The image formats mirror it for languages that run right to left.
type layout struct {
	*typesetter
	rtl    bool
	height int
	shapes []shape
}

// lay returns the layout of a card.
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

// style returns the style of a text. The direction depends on the whole text, even if only a part is shown.
func (l *layout) style(size float64, bold bool, text string) style {
	return style{size: size, bold: bold, rtl: direction(text, l.rtl)}
}

// write places a text after x, and returns its width.
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

// message places the reason for missing rows in the middle of the body and the empty foot.
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

// notice places the operator's notice with a bar at its side, and returns the y below it.
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

// hero places a single metric in large type.
func (l *layout) hero(r *Row, top float64) {
	label := l.style(13, false, r.Label)
	l.write(inkLabel, margin, top+14, l.cut(r.Label, label, room), label)
	baseline := top + 51
	if l.typical(r, top+62) {
		baseline -= 8
	}
	level := l.level(r, margin+room, baseline-2)
	k, _ := valueInk(r)
	value, s := l.value(r, room-level, 30, 24, 20, 16, 13)
	l.write(k, margin, baseline, value, s)
}

// typical writes what is typical of a row at a baseline: with the comparison, without it, or not at all, as it fits.
func (l *layout) typical(r *Row, baseline float64) bool {
	if r.Typical == "" {
		return false
	}
	for _, text := range []string{r.Typical, r.Usual} {
		if s := l.style(11.5, false, text); l.width(text, s) <= room {
			l.write(inkFaint, margin, baseline, text, s)
			return true
		}
	}
	return false
}

// rows places metrics below each other. A label gets the remaining width.
func (l *layout) rows(rows []Row, top, height float64) {
	const leastLabel, gap, twoLines = 72, 10, 32
	pitch := height / float64(len(rows))
	for i := range rows {
		r, baseline := &rows[i], top+pitch*(float64(i)+.5)+5
		if pitch >= twoLines && l.typical(r, baseline+10) {
			baseline -= 6
		}
		k, _ := valueInk(r)
		value, s := l.value(r, room-leastLabel-gap-l.levelWidth(r), 15, 13, 12)
		taken := l.writeBefore(k, margin+room, baseline, value, s) + gap
		taken += l.level(r, margin+room-taken, baseline)
		label := l.style(13, false, r.Label)
		l.write(inkLabel, margin, baseline, l.cut(r.Label, label, room-taken), label)
	}
}

// value returns the text of a row's value and the largest style in which it fits. It never truncates a number, which would change it: without
// enough room it returns "".
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

// valueInk returns the ink of a row's value, and whether it is bold.
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

// level places a row's level before x, and returns its width. It is a dot and a word, which doesn't depend on color vision.
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

// foot places the time of the values. It never truncates the time or the date.
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
	text := c.Date
	for _, longer := range []string{c.AsOf, c.Short} {
		if l.width(longer, s) <= margin+room-x {
			text = longer
			break
		}
	}
	l.write(k, x, top+22, text, s)
}
