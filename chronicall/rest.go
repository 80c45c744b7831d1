package chronicall

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"waitboard/wait"
)

const (
	metricsPath = "/api/v1/realtime/metrics"
	valuesPath  = metricsPath + "/values?id="
)

// Metrics lists what the key may read. The error is a *wait.Failure, or that of ctx.
func (c *Client) Metrics(ctx context.Context) ([]wait.MetricInfo, error) {
	var listed elements
	if _, err := c.get(ctx, metricsPath, &listed); err != nil {
		return nil, err
	}
	return c.decoder.metrics(listed), nil
}

// Values asks for the current values of the metrics with these IDs, in as many requests as keep each URL within a safe
// length. Each request has an outcome of its own.
func (c *Client) Values(ctx context.Context, ids []string) []wait.Batch {
	batches := c.split(ids)
	var wg sync.WaitGroup
	limit := make(chan struct{}, maxParallel)
	for i := range batches {
		limit <- struct{}{}
		wg.Go(func() {
			c.fill(ctx, &batches[i])
			<-limit
		})
	}
	wg.Wait()
	return batches
}

// split groups IDs so that no request's URL exceeds maxURLBytes.
func (c *Client) split(ids []string) []wait.Batch {
	var batches []wait.Batch
	empty := len(c.url) + len(valuesPath)
	length := maxURLBytes
	for _, id := range ids {
		size := len(url.QueryEscape(id)) + 1
		if length += size; length > maxURLBytes {
			batches = append(batches, wait.Batch{})
			length = empty + size
		}
		last := &batches[len(batches)-1]
		last.IDs = append(last.IDs, id)
	}
	return batches
}

// fill makes one request and puts its outcome into the batch.
func (c *Client) fill(ctx context.Context, b *wait.Batch) {
	escaped := make([]string, len(b.IDs))
	for i, id := range b.IDs {
		escaped[i] = url.QueryEscape(id)
	}
	var answer wireAnswer
	t, err := c.get(ctx, valuesPath+strings.Join(escaped, ","), &answer)
	if err == nil && answer.Results == nil && answer.Initializing == nil {
		err = &wait.Failure{Cause: wait.Malformed, Detail: "the answer is JSON of another shape"}
	}
	b.Asked, b.Err = t.asked, err
	if err != nil {
		return
	}
	b.Readings = c.decoder.readings(answer.Results, t)
	b.Initializing = c.decoder.keys(answer.Initializing)
}
