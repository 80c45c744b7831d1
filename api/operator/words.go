package operator

import (
	"fmt"
	"time"
)

// Clock returns a duration in words of a clock: minutes and seconds, and hours if there are any.
func Clock(d time.Duration) string {
	seconds := int(d / time.Second)
	hours, minutes, seconds := seconds/3600, seconds/60%60, seconds%60
	if hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, minutes, seconds)
	}
	return fmt.Sprintf("%d:%02d", minutes, seconds)
}
