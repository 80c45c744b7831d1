package domain

import "time"

// A Notice is what an operator has to say to visitors for a while, such as "Phones are down, use chat". The zero Notice is
// none.
type Notice struct {
	Text   string
	Closed bool      // nothing but the notice is shown, as outside the hours
	Until  time.Time // zero: until it is taken back
}

// At tells whether the notice is there to be read at t.
func (n Notice) At(t time.Time) bool {
	return n.Text != "" && (n.Until.IsZero() || t.Before(n.Until))
}
