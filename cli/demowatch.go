package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"
)

// watch prints which replica polls and which has ended, until ctx is done.
func watch(ctx context.Context, w io.Writer, all []*replica) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	var last *replica
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			running := 0
			var polls *replica
			for _, r := range all {
				select {
				case <-r.ended:
					if !r.reported && ctx.Err() == nil {
						r.reported = true
						fmt.Fprintf(w, "%s  replica %d has ended\n", now.Format(time.TimeOnly), r.number)
					}
				default:
					running++
					if polls == nil && r.polls(ctx, client) {
						polls = r
					}
				}
			}
			if running == 0 {
				return errors.New("no replica is left")
			}
			if polls != nil && polls != last {
				fmt.Fprintf(w, "%s  replica %d polls the phone system, the others follow; stop it: kill %d\n", now.Format(time.TimeOnly), polls.number, polls.pid)
			}
			last = polls
		}
	}
}

var heldLease = regexp.MustCompile(`(?m)^waitboard_source_lease\{source="[^"]*"\} 1$`)

// polls reports whether the replica holds the lease of the phone system.
func (r *replica) polls(ctx context.Context, client *http.Client) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.admin+"/metrics", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close() //nolint:errcheck // for reading
	text, err := io.ReadAll(response.Body)
	return err == nil && heldLease.Match(text)
}
