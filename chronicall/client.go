// Package chronicall is the client of Xima's Realtime API, as Chronicall and Xima CCaaS serve it. It asks, checks and
// translates: JSON of theirs becomes readings of ours, on our clock.
//
// It holds the key, and sees to it that none of its errors and log lines show the key, an address, a metric or any text
// that came from upstream.
package chronicall

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"waitboard/domain"
	"waitboard/internal/transport"
)

// Options make a [Client]. URL, Key, Now and Log are required.
type Options struct {
	URL     string                       // up to, not including, /api/v1; no slash at its end
	Key     interface{ Reveal() string } // the service user's key
	CA      []byte                       // PEM certificates to trust besides the system's; may be nil
	Timeout time.Duration                // of one request, reading the answer included, and of a ping; default 10 seconds
	Ping    time.Duration                // between two pings of an open subscription; default 10 seconds
	Now     func() time.Time
	Log     *slog.Logger

	// Dial opens connections; nil: on TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Limits on what the client sends and takes.
const (
	maxURLBytes    = 2000    // servers and proxies are known to refuse longer ones
	maxAnswerBytes = 8 << 20 // after decompression
	maxParallel    = 4       // requests in flight at one time

	maxMessageBytes = 256 << 10 // of a subscription: one value
)

// A Client reads one source, by asking (rest.go) and by being told (stream.go). It is safe for concurrent use; Close lets
// its idle connections go.
type Client struct {
	url     string
	key     interface{ Reveal() string }
	timeout time.Duration
	ping    time.Duration
	http    *http.Client
	now     func() time.Time
	clock   clock
	decoder decoder
}

// New makes a client. It does not connect; an error means that no certificate could be read from CA.
func New(o Options) (*Client, error) {
	// When a server sends more than it announced, net/http prints the beginning of that through the standard logger: text
	// from upstream, maybe with people in it. Nothing of ours uses that logger.
	log.SetOutput(io.Discard)
	roots, err := transport.Roots(o.CA)
	if err != nil {
		return nil, err
	}
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.Proxy = tunnel
	if o.Dial != nil {
		connections.DialContext = o.Dial
	}
	connections.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	// Over HTTP/2 all requests share a connection, and go on being put on it when it is dead.
	connections.Protocols = new(http.Protocols)
	connections.Protocols.SetHTTP1(true)
	connections.MaxIdleConnsPerHost = maxParallel
	connections.MaxResponseHeaderBytes = 64 << 10
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Ping == 0 {
		o.Ping = 10 * time.Second
	}
	split := func(apart time.Duration) {
		o.Log.Warn("the source answers with several clocks, each answer is read by its own date; synchronize the clocks of its servers", "apart", apart.Round(time.Second).String())
	}
	return &Client{
		url: o.URL, key: o.Key, timeout: o.Timeout, ping: o.Ping, now: o.Now,
		// A redirect is not followed: it would carry the key to an address that nobody configured.
		http:    &http.Client{Transport: connections, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		clock:   clock{split: split},
		decoder: decoder{log: o.Log},
	}, nil
}

// tunnel uses the environment's proxy for https only, where it sees no more than the host. In plain http it would be
// handed the key.
func tunnel(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// Close lets the idle connections go. Requests in flight are ended by their contexts.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// timing is when an answer was asked for and came, on our clock, and how far their clock is ahead of it.
type timing struct {
	asked, answered time.Time
	date            time.Time // the answer's own, on their clock; zero: none
	bearing
	old bool // its date contradicts the bearing and is earlier: it comes from a cache, or their clock was set back
}

// get asks for a path and decodes the JSON answer into out. The error is a *domain.Failure, or that of ctx.
func (c *Client) get(ctx context.Context, path string, out any) (timing, error) {
	request, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	t := timing{asked: c.now()}
	err := c.exchange(request, path, out, &t)
	if request.Err() != nil { // in time, or for as long as anyone waited: idle connections may be as dead as this one, so the next request has a new one
		c.http.CloseIdleConnections()
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // the caller gave up, it is not the source that failed
	}
	return t, err
}

// exchange is get without its patience. It puts into t what the head of a good answer tells.
func (c *Client) exchange(ctx context.Context, path string, out any, t *timing) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		return &domain.Failure{Cause: domain.Unexpected, Detail: "the source's url can't be used"}
	}
	req.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return transportFailure(err)
	}
	defer func() { _ = resp.Body.Close() }()
	date, _ := http.ParseTime(resp.Header.Get("Date"))
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		if resp.StatusCode >= http.StatusOK { // a switch of protocols has no body, but the bare connection, without a deadline
			_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
		}
		return statusFailure(resp, date, c.now())
	}
	t.answered, t.date = c.now(), date
	t.bearing = c.clock.sample(t.asked, t.answered, date)
	t.old = t.unsure && date.Add(-t.offset).Before(t.asked)
	return readJSON(resp.Body, out)
}

// readJSON reads one JSON value of the shape of out.
func readJSON(body io.Reader, out any) error {
	raw, err := io.ReadAll(io.LimitReader(body, maxAnswerBytes+1))
	switch {
	case len(raw) > maxAnswerBytes:
		return &domain.Failure{Cause: domain.TooLarge, Detail: "the answer is larger than 8 MiB"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, new(flate.CorruptInputError)):
		return &domain.Failure{Cause: domain.Malformed, Detail: "the answer was cut short, or its compression is broken"}
	case err != nil:
		return transportFailure(err)
	}
	if start := strings.TrimSpace(string(raw[:min(len(raw), 64)])); !strings.HasPrefix(start, "{") && !strings.HasPrefix(start, "[") {
		return &domain.Failure{Cause: domain.Malformed, Detail: "the answer is not JSON; is the url that of the API, and not of a login page or a proxy?"}
	}
	err = json.Unmarshal(raw, out)
	if errors.Is(err, errTooMany) {
		return &domain.Failure{Cause: domain.TooLarge, Detail: "the answer has more than 100,000 values"}
	}
	if err != nil {
		return &domain.Failure{Cause: domain.Malformed, Detail: "the answer is JSON that is broken or of another shape"}
	}
	return nil
}
