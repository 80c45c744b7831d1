package domain

import "time"

// A Notice is an operator's text for visitors, such as "Phones are down, use chat". The zero Notice is none.
type Notice struct {
	Text   string
	Closed bool      // the widget is closed and shows nothing but the notice
	Until  time.Time // zero: until it is removed
}

// At reports whether the notice is shown at t.
func (n Notice) At(t time.Time) bool {
	return n.Text != "" && (n.Until.IsZero() || t.Before(n.Until))
}
