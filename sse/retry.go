package sse

import (
	"fmt"
	"time"
)

// minRetry is the shortest time after which a reader reconnects.
const minRetry = time.Second

// retry appends the retry field, which belongs to the event that follows. Its time is random, because many streams may end at once.
func (h *Hub) retry(text []byte) []byte {
	after := minRetry + time.Duration(h.o.Random()*float64(h.o.Pace.RetrySpread))
	return fmt.Appendf(text, "retry: %d\n", after.Milliseconds())
}
