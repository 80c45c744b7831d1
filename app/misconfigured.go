package app

import (
	"context"
	"strings"

	"waitboard/config"
	"waitboard/domain"
)

// misconfigured is the client of a source that can't be polled because its key or its certificates can't be read. Every request fails, so
// that the source looks like any other that fails.
type misconfigured struct{ failure *domain.Failure }

func newMisconfigured(s config.Source) misconfigured {
	return misconfigured{&domain.Failure{Cause: domain.Misconfigured, Detail: strings.Join(lines(s.Trouble), "; ")}}
}

// Metrics returns the failure.
func (m misconfigured) Metrics(context.Context) ([]domain.MetricInfo, error) { return nil, m.failure }

// Values returns the failure.
func (m misconfigured) Values(_ context.Context, ids []string) []domain.Batch {
	return []domain.Batch{{IDs: ids, Err: m.failure}}
}

// Close does nothing.
func (m misconfigured) Close() {}

// lines returns the texts of problems.
func lines(problems []config.Problem) (out []string) {
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}
