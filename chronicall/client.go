// Package chronicall is the client of Xima's Realtime API, which Chronicall and Xima CCaaS serve. It makes requests, checks
// the answers and turns their JSON into readings on our clock.
//
// It holds the key. None of its errors and log messages contain the key, an address, a metric or any text from upstream.
package chronicall

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"waitboard/domain"
	"waitboard/internal/bom"
	"waitboard/internal/transport"
)

// Options configure a [Client]. URL, Key, Now and Log are required.
type Options struct {
	URL        string                       // up to, not including, /api/v1; without a trailing slash
	Key        interface{ Reveal() string } // the service user's key
	CA         []byte                       // PEM certificates to trust in addition to the system's; may be nil
	ServerName string                       // the name in the server's certificate; "": the host of URL
	ClientCert []byte                       // PEM, for a server that demands one; may be nil
	ClientKey  interface{ Reveal() string } // PEM, of ClientCert
	Timeout    time.Duration                // of a request, including its answer, and of a ping; default 10 seconds
	Ping       time.Duration                // between two pings of an open subscription; default 10 seconds
	Now        func() time.Time
	Log        *slog.Logger
	Dial       func(ctx context.Context, network, address string) (net.Conn, error) // nil: TCP
}

// Limits of what the client sends and accepts.
const (
	maxURLBytes     = 2000      // some servers and proxies reject longer ones
	maxAnswerBytes  = 8 << 20   // after decompression
	maxMessageBytes = 256 << 10 // of a subscription: one value
	maxParallel     = 4         // requests in flight
)

// A Client reads one source, by requests (rest.go) and by subscription (stream.go). It is safe for concurrent use.
type Client struct {
	url     string
	key     interface{ Reveal() string }
	timeout time.Duration
	ping    time.Duration
	http    *http.Client
	now     func() time.Time
	clock   clock
	decoder decoder

	hasCertificate      bool                      // of a client
	certificateDemanded atomic.Bool               // by the source, in some handshake
	expires             atomic.Pointer[time.Time] // when the source's certificate expires; nil: unknown

	mu      sync.Mutex
	renewed time.Time // when idle connections were last closed because of their age; guarded by mu
}

// connLife is the time after which requests use new connections: the source's name may lead to another address by now, while
// the old one still answers.
const connLife = 2 * time.Minute

// renew closes idle connections that may be older than connLife.
func (c *Client) renew(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.renewed) >= connLife {
		c.renewed = now
		c.http.CloseIdleConnections()
	}
}

// New returns a client, without connecting. It fails if CA holds no certificate, or ClientCert and ClientKey are no pair.
//
// net/http prints what a server sends beyond its answer through the standard logger, and has no option against it. A program
// that must not print upstream text discards that logger's output.
func New(o Options) (*Client, error) {
	c := &Client{
		url: o.URL, key: o.Key, timeout: cmp.Or(o.Timeout, 10*time.Second), ping: cmp.Or(o.Ping, 10*time.Second), now: o.Now,
		decoder: decoder{log: o.Log}, hasCertificate: o.ClientCert != nil,
	}
	secure, err := tlsConfig(o, func() { c.certificateDemanded.Store(true) })
	if err != nil {
		return nil, err
	}
	verify := secure.VerifyConnection
	secure.VerifyConnection = func(s tls.ConnectionState) error {
		c.expires.Store(&s.PeerCertificates[0].NotAfter)
		if verify != nil {
			return verify(s)
		}
		return nil
	}
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.Proxy = proxy
	if o.Dial != nil {
		connections.DialContext = o.Dial
	}
	connections.TLSClientConfig = secure
	// HTTP/2 would send all requests through one connection, even when it is dead.
	connections.Protocols = new(http.Protocols)
	connections.Protocols.SetHTTP1(true)
	connections.MaxIdleConnsPerHost = maxParallel
	connections.MaxResponseHeaderBytes = 64 << 10
	c.clock.onSecondNode = func(apart time.Duration) {
		o.Log.Warn("source has several clocks, using each answer's own date; synchronize the clocks of its servers", "apart", apart.Round(time.Second).String())
	}
	// A redirect would carry the key to an address that nobody configured.
	c.http = &http.Client{Transport: connections, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c, nil
}

// proxy returns the environment's proxy for https only: plain http would hand it the key.
func proxy(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// ClockAhead returns how far the source's clock is ahead of ours; ok is false while that is unknown.
func (c *Client) ClockAhead() (ahead time.Duration, ok bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return c.clock.current().ahead, len(c.clock.nodes) > 0
}

// CertificateExpires returns when the certificate of the source expires; zero without TLS, or before the first handshake.
func (c *Client) CertificateExpires() time.Time {
	if expires := c.expires.Load(); expires != nil {
		return *expires
	}
	return time.Time{}
}

// Close closes idle connections. Their goroutines in net/http end soon after; it has no way to join them. Requests in flight
// are canceled by their contexts.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// timing says when a request was sent and answered, on our clock, and how to read the times in its answer.
type timing struct {
	asked, answered time.Time
	date            time.Time // the answer's own, on the source's clock; zero: none
	offset
	old bool // the date is doubtful and before the request: it comes from a cache, or the clock was set back
}

// get requests a path and decodes the JSON answer into out. The error is a *domain.Failure, or that of ctx.
func (c *Client) get(ctx context.Context, path string, out any) (timing, error) {
	request, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	t := timing{asked: c.now()}
	c.renew(t.asked)
	err := c.exchange(request, path, out, &t)
	if request.Err() != nil { // idle connections may be as dead as this one
		c.http.CloseIdleConnections()
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return t, err
}

// exchange makes the request of get. It completes t from the header of a good answer.
func (c *Client) exchange(ctx context.Context, path string, out any, t *timing) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		return &domain.Failure{Cause: domain.Unexpected, Detail: "the source's url can't be used"}
	}
	req.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return c.transportFailure(err)
	}
	defer func() { _ = resp.Body.Close() }()
	date, _ := http.ParseTime(resp.Header.Get("Date"))
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		return c.statusFailure(resp, date)
	}
	t.answered, t.date = c.now(), date
	t.offset = c.clock.sample(t.asked, t.answered, date)
	t.old = t.doubtful && date.Add(-t.ahead).Before(t.asked)
	return c.decoder.answer(resp.Body, out)
}

// answer reads one JSON value into out.
func (d *decoder) answer(body io.Reader, out any) error {
	raw, err := io.ReadAll(io.LimitReader(body, maxAnswerBytes+1))
	switch {
	case len(raw) > maxAnswerBytes:
		return &domain.Failure{Cause: domain.TooLarge, Detail: "the answer is larger than 8 MiB"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, new(flate.CorruptInputError)):
		return &domain.Failure{Cause: domain.Malformed, Detail: "the answer is cut short, or its compression is broken"}
	case err != nil:
		return transport.Failure(err)
	}
	how, err := parse(raw, out)
	switch {
	case err == nil:
		d.read(how)
		return nil
	case errors.Is(err, errTooMany):
		return &domain.Failure{Cause: domain.TooLarge, Detail: "the answer has more than 100,000 values"}
	}
	raw, _ = bom.Decode(raw)
	if start := bytes.TrimSpace(raw[:min(len(raw), 64)]); !bytes.HasPrefix(start, []byte("{")) && !bytes.HasPrefix(start, []byte("[")) {
		return &domain.Failure{Cause: domain.Malformed, Detail: "the answer is not JSON; is the url that of the API, and not of a login page or a proxy?"}
	}
	return errShape
}

var errShape = &domain.Failure{Cause: domain.Malformed, Detail: "the answer is not the JSON of the API"}
