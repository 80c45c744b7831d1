// Package transport owns the certificate authorities for HTTPS requests, and explains failed requests in texts that are safe to publish.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"

	"waitboard/domain"
)

// Roots returns the authorities to trust: the system's and those of a PEM text. Without a text it returns nil, which means the system's.
func Roots(more []byte) (*x509.CertPool, error) {
	if len(more) == 0 {
		return nil, nil //nolint:nilnil // nil is crypto/tls's default
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(more) {
		return nil, errors.New("the CA file has no certificate")
	}
	return pool, nil
}

// Failure explains why a request failed. It never uses the texts of net and net/http, which name addresses and the URL.
func Failure(err error) *domain.Failure {
	var (
		dns       *net.DNSError
		timeout   net.Error
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
	)
	failure := func(cause domain.Cause, detail string) *domain.Failure {
		return &domain.Failure{Cause: cause, Detail: detail}
	}
	switch {
	case errors.As(err, &authority):
		return failure(domain.Untrusted, "its certificate is signed by an authority that is not trusted here")
	case errors.As(err, &hostname):
		return failure(domain.Untrusted, "its certificate is not for that host name")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return failure(domain.Untrusted, "its certificate has expired, or is not valid yet")
	case errors.As(err, &invalid):
		return failure(domain.Untrusted, "its certificate is not valid")
	case errors.Is(err, http.ErrSchemeMismatch):
		return failure(domain.Untrusted, "it does not speak TLS on this port; should the address begin with http:// ?")
	case errors.As(err, &alert):
		return failure(domain.Untrusted, "it ended the TLS handshake")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failure(domain.Timeout, "no answer in time")
	case errors.As(err, &dns):
		return failure(domain.Unreachable, "its host name is not found")
	case errors.Is(err, syscall.ECONNREFUSED):
		return failure(domain.Unreachable, "the connection is refused; does it listen on that host and port?")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return failure(domain.Unreachable, "the connection broke")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return failure(domain.Unreachable, "there is no route to its host")
	default:
		return failure(domain.Unreachable, "the request failed on its way")
	}
}
