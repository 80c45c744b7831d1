package chronicall

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"waitboard/wait"
)

// maxRetryAfter bounds what a source can ask for: a nonsensical value must not silence a widget for a day.
const maxRetryAfter = time.Hour

// transportFailure says in words of ours why no answer came. The texts of net and net/http name addresses and the URL,
// so none of them is passed on.
func transportFailure(err error) *wait.Failure {
	var (
		dns       *net.DNSError
		timeout   net.Error
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
	)
	failure := func(cause wait.Cause, detail string) *wait.Failure {
		return &wait.Failure{Cause: cause, Detail: detail}
	}
	switch {
	case errors.As(err, &authority):
		return failure(wait.Untrusted, "its certificate is signed by an authority that is not trusted here; name that authority's certificate in ca_file")
	case errors.As(err, &hostname):
		return failure(wait.Untrusted, "its certificate is not for the host name in url")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return failure(wait.Untrusted, "its certificate has expired, or is not valid yet")
	case errors.As(err, &invalid):
		return failure(wait.Untrusted, "its certificate is not valid")
	case errors.Is(err, http.ErrSchemeMismatch):
		return failure(wait.Untrusted, "it does not speak TLS on this port; should url begin with http:// ?")
	case errors.As(err, &alert):
		return failure(wait.Untrusted, "it ended the TLS handshake")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failure(wait.Timeout, "no answer in time")
	case errors.As(err, &dns):
		return failure(wait.Unreachable, "its host name is not found")
	case errors.Is(err, syscall.ECONNREFUSED):
		return failure(wait.Unreachable, "the connection is refused; does it listen on that host and port?")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return failure(wait.Unreachable, "the connection broke")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return failure(wait.Unreachable, "there is no route to its host")
	default:
		return failure(wait.Unreachable, "the request failed on its way")
	}
}

// statusFailure classes an answer by its status (the errors of the Realtime API's page, and those that CCaaS adds).
func statusFailure(resp *http.Response, date, now time.Time) *wait.Failure {
	f := &wait.Failure{Cause: wait.Unexpected, Detail: "status " + strconv.Itoa(resp.StatusCode)}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		f.Cause, f.Detail = wait.Unauthorized, "the key is not accepted"
	case code == http.StatusForbidden:
		f.Cause, f.Detail = wait.Forbidden, "a metric is not assigned to the key's user"
	case code == http.StatusNotFound:
		f.Cause, f.Detail = wait.NotFound, "a metric does not exist, or the url's path is not that of the API"
	case code == http.StatusBadRequest:
		f.Cause = wait.BadRequest
	case code == http.StatusTooManyRequests, code == 509: // 509 Bandwidth Limit Exceeded
		f.Cause = wait.RateLimited
	case code >= 500:
		f.Cause = wait.ServerError
	case code >= 300 && code < 400:
		f.Detail += ", a redirect, which is not followed; give its target as url"
	}
	f.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), date, now)
	return f
}

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds, or a date, which is on their clock.
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
