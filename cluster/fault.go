package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// A fault is why the engine can't be used. Its texts are public, and hold nothing of the URL.
type fault struct {
	what, do string // parts of a sentence
	cause    error
}

func (f *fault) Error() string {
	out := f.what
	if f.away() {
		out += ": " + f.short()
	}
	if f.do != "" {
		out += "; " + f.do
	}
	return out
}

func (f *fault) Unwrap() error { return f.cause }

// away reports whether the engine does not answer at all.
func (f *fault) away() bool { return f.what == noAnswer }

// cut reports whether the engine, or what answers, closes connections.
func (f *fault) cut() bool { return f.what == closes }

// fix returns the log attribute that says what to do, if anything.
func (f *fault) fix() []any {
	if f.do == "" {
		return nil
	}
	return []any{"fix", f.do}
}

const closes = "it closes connections"

const noAnswer = "it does not answer"

// replies are faults by what the reply of an engine starts with, or holds.
var replies = []struct{ text, what, do string }{
	{"WRONGPASS", "it rejects the user or the password", "correct the URL"},
	{"NOAUTH", "it requires a password", "add it to the URL"},
	{"NOPERM", noPermission, givePermission},
	{"ACL failure", noPermission, givePermission},
	{"executing the script can't", noPermission, givePermission},
	{"READONLY", "it is a read-only replica", "use the address of its primary, or Sentinel"},
	{"OOM", "its memory is full", "raise its maxmemory"},
	{"MISCONF", "it can't save to its disk, and rejects writes", "see its log"},
	{"LOADING", "it loads its data", "wait"},
	{"NOREPLICAS", "it has too few replicas, and rejects writes", "start them, or lower min-replicas-to-write"},
	{"DB index is out of range", "it doesn't have the database of the URL", "correct the number after the last slash"},
	{"MASTERDOWN", "it is a replica without its primary", "see its log"},
	{"unknown command", "it lacks a command", "use Valkey 7.2 or Redis 6.2, or later ones; the URL of a Sentinel needs ?master_name="},
}

const (
	noPermission   = "its user lacks a permission"
	givePermission = "give it those that docs/cluster.md lists, for keys and channels with its prefix"
)

// explain returns what an error means. It is a fault with constant texts, because replies can repeat a password. secure means that the URL is
// for TLS.
func explain(err error, secure bool) *fault {
	var known *fault
	var unknownCA x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert *net.OpError
	var reply redis.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errClusterMode):
		return &fault{"it runs in Redis Cluster mode, which waitboard doesn't support", "use a single engine, with Sentinel if it must not fail", err}
	case errors.As(err, &unknownCA):
		return &fault{"its certificate is from an unknown authority", "set ca_file", err}
	case errors.As(err, &certificate):
		return &fault{"its certificate is not valid for this host", "correct the URL or the certificate", err}
	case errors.As(err, &record):
		return &fault{"it doesn't speak TLS on this port", "write redis:// in the URL, or use its TLS port", err}
	case errors.As(err, &alert) && alert.Op == "remote error": // as crypto/tls names an alert
		return &fault{"it rejects the TLS connection", "set client_cert_file and client_key_file if it requires them", err}
	case errors.As(err, &reply):
		for _, r := range replies {
			if strings.Contains(reply.Error(), r.text) {
				return &fault{r.what, r.do, err}
			}
		}
		return &fault{"it reports an error", "check the options in the URL, and see its log", err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return &fault{closes, "write rediss:// in the URL if the port is for TLS", err}
	case strings.Contains(err.Error(), "can't parse"), strings.Contains(err.Error(), "invalid reply"):
		return &fault{"what answers is neither Valkey nor Redis", "correct the host and port of the URL", err}
	}
	out := &fault{noAnswer, "", err}
	if secure && out.short() == "timeout" { // a plain port waits for the rest of a command
		out.do = "write redis:// in the URL if the port is not for TLS"
	}
	return out
}

// short returns the cause for the log.
func (f *fault) short() string {
	var network net.Error
	var name *net.DNSError
	switch {
	case errors.As(f.cause, &name):
		return "host not found"
	case errors.Is(f.cause, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(f.cause, context.DeadlineExceeded), errors.As(f.cause, &network) && network.Timeout():
		return "timeout"
	}
	return "no connection"
}
