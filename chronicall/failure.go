package chronicall

import (
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"time"

	"waitboard/domain"
	"waitboard/internal/transport"
)

// maxRetryAfter bounds Retry-After: a nonsensical value must not stop a widget for a day.
const maxRetryAfter = time.Hour

// transportFailure returns why no answer came, and which setting may help.
func transportFailure(err error) *domain.Failure {
	failure := transport.Failure(err)
	if errors.As(err, new(x509.UnknownAuthorityError)) {
		failure.Detail += "; set ca_file to that authority's certificate"
	}
	return failure
}

// statusFailure classifies an answer by its status: the errors of the Realtime API's page, and those that CCaaS adds.
func statusFailure(resp *http.Response, date, now time.Time) *domain.Failure {
	f := &domain.Failure{Cause: domain.Unexpected, Detail: "status " + strconv.Itoa(resp.StatusCode)}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		f.Cause, f.Detail = domain.Unauthorized, "the key is rejected"
	case code == http.StatusForbidden:
		f.Cause, f.Detail = domain.Forbidden, "a metric is not assigned to the key's user"
	case code == http.StatusNotFound:
		f.Cause, f.Detail = domain.NotFound, "a metric does not exist, or the url has a wrong path"
	case code == http.StatusBadRequest:
		f.Cause = domain.BadRequest
	case code == http.StatusTooManyRequests, code == 509: // 509 Bandwidth Limit Exceeded
		f.Cause = domain.RateLimited
	case code >= 500:
		f.Cause = domain.ServerError
	case code >= 300 && code < 400:
		f.Detail += ", a redirect, which is not followed; set url to its target"
	}
	f.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), date, now)
	return f
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3): seconds, or a date on the source's clock.
func retryAfter(header string, date, now time.Time) time.Duration {
	var after time.Duration
	if seconds, err := strconv.Atoi(header); err == nil {
		after = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if until, err := http.ParseTime(header); err == nil {
		if !date.IsZero() {
			now = date
		}
		after = until.Sub(now)
	}
	return min(max(after, 0), maxRetryAfter)
}
