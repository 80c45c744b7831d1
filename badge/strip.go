package badge

// A strip is a small image for where a card would be too high: a line for the title, one for each metric.
const (
	stripPad   = 8
	stripPitch = 24
)

// StripHeight is that of the strip of a widget with so many metrics, in whatever state it is.
func StripHeight(metrics int) int { return 2*stripPad + stripPitch*(1+metrics) }

// Strip is a card as a strip, Width wide. What the company has to say stands in place of the title.
func Strip(c *Card, theme Theme) []byte { return drawSVG(c, theme, layStrip) }

func layStrip(t *typesetter, c *Card) *layout {
	l := &layout{typesetter: t, rtl: c.RTL, height: StripHeight(c.Metrics)}
	const baseline, top = stripPad + 17, stripPad + stripPitch
	head, height := c.Title, float64(stripPitch*c.Metrics)
	if c.Notice != "" {
		head = c.Notice
	}
	end := float64(margin + room)
	if c.AsOf != "" { // the time alone: it is never cut, whatever else is
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
	lines, _ := l.wrap(c.Message, said, room, max(1, int(height/18)))
	for i, line := range lines {
		l.write(inkLabel, margin, top+14+18*float64(i), line, said)
	}
	return l
}
