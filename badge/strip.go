package badge

// A strip is an image for places where a card is too high: a line for the title, and one for each metric.
const (
	stripPad   = 7
	stripPitch = 20
)

// StripHeight returns the height of a strip by the widget's number of metrics, in any state.
func StripHeight(metrics int) int { return 2*stripPad + stripPitch*(1+metrics) }

// Strip returns a card as a strip, Width wide. A notice replaces the title.
func Strip(c *Card, theme Theme) []byte {
	return drawSVG(headOf(c), theme, func(t *typesetter) *layout { return layStrip(t, c) })
}

func layStrip(t *typesetter, c *Card) *layout {
	l := &layout{typesetter: t, rtl: c.RTL, height: StripHeight(c.Metrics)}
	const baseline, top = stripPad + 14, stripPad + stripPitch
	head, height := c.Title, float64(stripPitch*c.Metrics)
	if c.Notice != "" {
		head = c.Notice
	}
	end := float64(margin + room)
	if c.AsOf != "" { // the time alone, never truncated
		k := inkFaint
		if c.Stale {
			k = inkModerate
		}
		end -= l.writeBefore(k, end, baseline, c.Clock, l.style(11.5, false, c.Clock))
		if c.Stale {
			end -= dotGap + dot
			l.box(k, end, baseline-dot, dot, dot)
		}
		end -= 10
	}
	s := l.style(14, true, head)
	l.write(inkTitle, margin, baseline, l.cut(head, s, end-margin), s)
	if len(c.Rows) > 0 {
		l.rows(c.Rows, top, height)
		return l
	}
	said := l.style(13, false, c.Message)
	lines, _ := l.wrap(c.Message, said, room, max(1, int(height/17)))
	for i, line := range lines {
		l.write(inkLabel, margin, top+13+17*float64(i), line, said)
	}
	return l
}
