package app

import (
	"context"
	"strings"

	"waitboard/config"
	"waitboard/domain"
)

// misconfigured is the client of a source that can't be asked, because its key or its certificates can't be read. It answers every
// question with that failure, so that the source is in trouble as any other that fails.
type misconfigured struct{ failure *domain.Failure }

func newMisconfigured(s config.Source) misconfigured {
	return misconfigured{&domain.Failure{Cause: domain.Misconfigured, Detail: strings.Join(lines(s.Trouble), "; ")}}
}

// Metrics fails.
func (m misconfigured) Metrics(context.Context) ([]domain.MetricInfo, error) { return nil, m.failure }

// Values fails.
func (m misconfigured) Values(_ context.Context, ids []string) []domain.Batch {
	return []domain.Batch{{IDs: ids, Err: m.failure}}
}

// Close has nothing to close.
func (m misconfigured) Close() {}

// lines returns problems as texts.
func lines(problems []config.Problem) (out []string) {
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}
