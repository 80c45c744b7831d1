package chronicall

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"waitboard/domain"
)

const (
	metricsPath = "/api/v1/realtime/metrics"
	valuesPath  = metricsPath + "/values?id="
)

// Metrics lists what the key may read. The error is a *domain.Failure, or that of ctx.
func (c *Client) Metrics(ctx context.Context) ([]domain.MetricInfo, error) {
	var listed elements
	if _, err := c.get(ctx, metricsPath, &listed); err != nil {
		return nil, err
	}
	return c.decoder.metrics(listed), nil
}

// Values asks for the current values of the metrics with these IDs, in as many requests as keep each URL within a safe
// length, and returns the outcome of each. Once one had no answer in time those that wait for their turn are not made: all of
// them together would take that time again and again. Chance decides whose turn is first, so that it is not always the same.
func (c *Client) Values(ctx context.Context, ids []string) []domain.Batch {
	var batches []domain.Batch
	for _, group := range pack(ids, len(c.url)+len(valuesPath), len(",")) {
		batches = append(batches, domain.Batch{IDs: group})
	}
	rand.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
	var wg sync.WaitGroup
	var silent atomic.Bool
	made, limit := 0, make(chan struct{}, maxParallel)
	for i := range batches {
		if limit <- struct{}{}; silent.Load() {
			break
		}
		made++
		wg.Go(func() {
			c.fill(ctx, &batches[i])
			if f, ok := errors.AsType[*domain.Failure](batches[i].Err); ok && f.Cause == domain.Timeout {
				silent.Store(true)
			}
			<-limit
		})
	}
	wg.Wait()
	return batches[:made]
}

// pack groups IDs so that no URL exceeds maxURLBytes that has so many bytes without them, and so many beside each.
func pack(ids []string, without, beside int) (groups [][]string) {
	room := max(maxURLBytes-without, maxURLBytes/4) // even where a long key leaves none
	left := -1
	for _, id := range ids {
		size := len(url.QueryEscape(id)) + beside
		if left -= size; left < 0 {
			groups = append(groups, nil)
			left = room - size
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], id)
	}
	return groups
}

// fill makes one request and puts its outcome into the batch.
func (c *Client) fill(ctx context.Context, b *domain.Batch) {
	escaped := make([]string, len(b.IDs))
	for i, id := range b.IDs {
		escaped[i] = url.QueryEscape(id)
	}
	var answer wireAnswer
	t, err := c.get(ctx, valuesPath+strings.Join(escaped, ","), &answer)
	if err == nil && answer.Results == nil && answer.Initializing == nil {
		err = &domain.Failure{Cause: domain.Malformed, Detail: "the answer is JSON of another shape"}
	}
	if err == nil && t.old { // what it says may have been true long ago
		err = &domain.Failure{Cause: domain.Unexpected, Detail: "the answer is dated before earlier ones: it comes from a cache, or the clock was set back, as the next one will tell"}
	}
	b.Asked, b.Err = t.asked, err
	if err != nil {
		return
	}
	b.Readings = c.decoder.readings(answer.Results, t)
	b.Initializing = c.decoder.keys(answer.Initializing)
}
