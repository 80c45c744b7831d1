package locale

import (
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	for _, c := range []struct {
		tag        string
		hour       int
		one, until string
	}{
		{"en", 14, "2 PM", "2–3 PM"},
		{"en", 0, "12 AM", "12–1 AM"},
		{"en", 11, "11 AM", "11 AM–12 PM"},
		{"en", 12, "12 PM", "12–1 PM"},
		{"en", 23, "11 PM", "11 PM–12 AM"},
		{"en-GB", 14, "14:00", "14:00–15:00"},
		{"en-DK", 14, "14.00", "14.00–15.00"},
		{"de", 9, "09:00", "09:00–10:00 Uhr"},
		{"nl", 9, "09:00", "09:00-10:00 uur"},
		{"fr", 23, "23:00", "23:00–00:00"},
		{"ja", 9, "9:00", "9:00～10:00"},
		{"ar-EG", 14, "٢ م", "٢–٣ م"},
		{"zh-SG", 14, "下午2:00", "下午2:00-下午3:00"},
	} {
		l, err := New(c.tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 23, c.hour, 0, 0, 0, time.UTC)
		if one, until := l.Hour(at), l.HourRange(at); one != c.one || until != c.until {
			t.Errorf("%s %d: %q, %q; want %q, %q", c.tag, c.hour, one, until, c.one, c.until)
		}
	}
}

// Each language has its own parentheses.
func TestNow(t *testing.T) {
	for tag, want := range map[string]string{"en": "2–3 PM (now)", "ja": "14:00～15:00（現在）", "zh-Hans": "14:00-15:00（现在）", "ar-EG": "٢–٣ م (الآن)"} {
		l, err := New(tag, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Now(l.HourRange(time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC))); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}
