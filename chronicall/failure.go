package chronicall

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/internal/transport"
)

// maxRetryAfter bounds Retry-After: a nonsensical value must not stop a widget for a day.
const maxRetryAfter = time.Hour

// statusFailure classifies an answer by its status: the errors of the Realtime API's page, and those that CCaaS adds. It reads
// the start of the body, which makes the connection reusable.
func (c *Client) statusFailure(resp *http.Response, date time.Time) *domain.Failure {
	var body []byte
	if resp.StatusCode >= http.StatusOK && resp.Body != nil { // the body of 101 is the bare connection
		body, _ = io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	}
	f := &domain.Failure{Cause: domain.Unexpected, Detail: "status " + strconv.Itoa(resp.StatusCode)}
	list := resp.Request != nil && strings.HasSuffix(resp.Request.URL.Path, metricsPath)
	plain := resp.Request != nil && resp.Request.URL.Scheme == "http"
	switch code := resp.StatusCode; {
	case plain && wantsTLS(code, body):
		f.Cause, f.Detail = domain.WrongScheme, transport.WantsTLS
	case code >= 400 && code < 500 && !plain && namesCertificate(body):
		f.Cause, f.Detail = domain.Untrusted, c.clientCertificate()
	case code == http.StatusUnauthorized:
		f.Cause, f.Detail = domain.Unauthorized, "the key is rejected"
	case code == http.StatusForbidden:
		f.Cause, f.Detail = domain.Forbidden, "a metric is not assigned to the key's user, or a proxy or firewall blocks the request"
		if list {
			f.Detail = "the key's user may not read metrics, or a proxy or firewall blocks the request"
		}
	case code == http.StatusNotFound:
		f.Cause, f.Detail = domain.NotFound, "a metric does not exist, or the url has a wrong path"
		if list {
			f.Detail = "the API is not at this url; check its path, which ends before /api/v1, often with /rest"
		}
	case code == http.StatusBadRequest:
		f.Cause = domain.BadRequest
	case code == http.StatusTooManyRequests, code == 509: // 509 Bandwidth Limit Exceeded
		f.Cause = domain.RateLimited
	case code >= 500:
		f.Cause = domain.ServerError
	case code >= 300 && code < 400:
		f.Detail += ", a redirect, which is not followed; set url to its target"
	}
	f.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), date, c.now())
	return f
}

// wantsTLS returns whether a server answers a plain request at a port for TLS. Go, nginx, Apache and Tomcat do so with a status
// of 400 and a text of their own.
func wantsTLS(code int, body []byte) bool {
	return code == http.StatusUpgradeRequired || code == http.StatusBadRequest && wordTLS.Match(body)
}

// namesCertificate returns whether a server answers that the request came without a client certificate, as nginx does.
func namesCertificate(body []byte) bool { return wordCertificate.Match(body) }

var (
	wordTLS         = regexp.MustCompile(`(?i)\b(https (server|port|scheme)|requires? (tls|ssl|https)|ssl-enabled|speaking plain http)`)
	wordCertificate = regexp.MustCompile(`(?i)\b(ssl|client) certificate`)
)

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
