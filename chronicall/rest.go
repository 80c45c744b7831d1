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

// Metrics lists the metrics that the key may read. The error is a *domain.Failure, or that of ctx.
func (c *Client) Metrics(ctx context.Context) ([]domain.MetricInfo, error) {
	var listed elements
	if _, err := c.get(ctx, metricsPath, &listed); err != nil {
		return nil, err
	}
	return c.decoder.metrics(listed), nil
}

// Values requests the current values of metrics by ID, in as many requests as keep each URL within a safe length. It returns
// the outcome of each request that it made. After a timeout it makes no more: they would all take as long. The order is
// random, so that a timeout does not leave out the same metrics each time.
func (c *Client) Values(ctx context.Context, ids []string) []domain.Batch {
	var batches []domain.Batch
	for _, group := range pack(ids, len(c.url)+len(valuesPath), len(",")) {
		batches = append(batches, domain.Batch{IDs: group})
	}
	rand.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
	var wg sync.WaitGroup
	var timedOut atomic.Bool
	made, limit := 0, make(chan struct{}, maxParallel)
	for i := range batches {
		if limit <- struct{}{}; timedOut.Load() {
			break
		}
		made++
		wg.Go(func() {
			c.fill(ctx, &batches[i])
			if f, ok := errors.AsType[*domain.Failure](batches[i].Err); ok && f.Cause == domain.Timeout {
				timedOut.Store(true)
			}
			<-limit
		})
	}
	wg.Wait()
	return batches[:made]
}

// pack groups IDs so that no URL exceeds maxURLBytes. fixed is the length without IDs, each the extra length for each ID.
func pack(ids []string, fixed, each int) (groups [][]string) {
	room := max(maxURLBytes-fixed, maxURLBytes/4) // a long key may leave none
	left := -1
	for _, id := range ids {
		size := len(url.QueryEscape(id)) + each
		if left -= size; left < 0 {
			groups = append(groups, nil)
			left = room - size
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], id)
	}
	return groups
}

// fill makes the request of a batch.
func (c *Client) fill(ctx context.Context, b *domain.Batch) {
	escaped := make([]string, len(b.IDs))
	for i, id := range b.IDs {
		escaped[i] = url.QueryEscape(id)
	}
	var answer wireAnswer
	t, err := c.get(ctx, valuesPath+strings.Join(escaped, ","), &answer)
	if err == nil && answer.Results == nil && answer.Initializing == nil {
		err = errShape
	}
	if err == nil && t.old {
		err = &domain.Failure{Cause: domain.Unexpected, Detail: "the answer is dated before earlier ones: it comes from a cache, or the clock was set back"}
	}
	b.Asked, b.Err = t.asked, err
	if err != nil {
		return
	}
	b.Readings = c.decoder.readings(answer.Results, t)
	b.Initializing = c.decoder.keys(answer.Initializing)
}
