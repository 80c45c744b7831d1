// Package transport owns the certificate authorities for HTTPS requests, and explains failed requests in texts that are safe to publish.
package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
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

// WantsTLS explains an answer of a port for TLS to a request without TLS.
const WantsTLS = "this port speaks TLS only; try https:// in the address"

const (
	oldTLS   = "it speaks only versions of TLS before 1.2; update it, or put a proxy with TLS 1.2 in front of it"
	noCipher = "it has no TLS cipher in common with waitboard, perhaps only RSA key exchange; turn ECDHE ciphers on there, or put a proxy in front of it"
)

// alertRecord is how net/http quotes a TLS alert that it took for an answer.
const alertRecord = `malformed HTTP response "\x15\x03`

// alerts explains the alerts by which servers refuse a handshake, by the texts of package tls.
var alerts = map[string]string{
	"tls: handshake failure":              noCipher,
	"tls: insufficient security level":    noCipher,
	"tls: protocol version not supported": oldTLS,
	"tls: certificate required":           "it demands a client certificate",
	"tls: unrecognized name":              "it does not know the host name in the address",
}

// Alert returns the text of the TLS alert by which a server ended a connection, empty if it sent none.
func Alert(err error) string {
	var remote *net.OpError
	if errors.As(err, &remote) && remote.Op == "remote error" {
		return remote.Err.Error()
	}
	return ""
}

// Failure explains why a request failed. It never uses the texts of net and net/http, which name addresses and the URL.
func Failure(err error) *domain.Failure {
	var (
		dns       *net.DNSError
		timeout   net.Error
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
	)
	failure := func(cause domain.Cause, detail string) *domain.Failure {
		return &domain.Failure{Cause: cause, Detail: detail}
	}
	switch {
	case errors.As(err, &authority):
		return failure(domain.Untrusted, "its certificate is signed by an authority that is not trusted here")
	case errors.As(err, &hostname) && len(hostname.Certificate.DNSNames)+len(hostname.Certificate.IPAddresses) == 0:
		return failure(domain.Untrusted, "its certificate has no Subject Alternative Name, only a Common Name, which is no longer accepted")
	case errors.As(err, &hostname):
		return failure(domain.Untrusted, "its certificate is not for that host name")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return failure(domain.Untrusted, "its certificate has expired, or is not valid yet")
	case errors.As(err, &invalid):
		return failure(domain.Untrusted, "its certificate is not valid")
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, new(tls.RecordHeaderError)):
		return failure(domain.WrongScheme, "this port does not speak TLS; try http:// in the address")
	case strings.Contains(err.Error(), alertRecord):
		return failure(domain.WrongScheme, WantsTLS)
	case Alert(err) != "":
		return failure(domain.Untrusted, cmp.Or(alerts[Alert(err)], "it ended the TLS handshake"))
	case strings.Contains(err.Error(), "tls: server selected unsupported protocol version"):
		return failure(domain.Untrusted, oldTLS)
	case strings.Contains(err.Error(), "tls: failed to parse certificate"):
		return failure(domain.Untrusted, "its certificate breaks the rules of X.509; issue it again")
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
