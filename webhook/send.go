package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"waitboard/internal/transport"
)

const (
	dialTimeout = 5 * time.Second
	sendTimeout = 15 * time.Second
	maxAnswer   = 64 << 10 // bytes of an answer that are read, so that its connection can be used again
)

// A sender sends messages to one receiver.
type sender struct {
	o    Hook
	now  func() time.Time
	http *http.Client
}

func newSender(o Hook, env *Options) *sender {
	connections := &http.Transport{
		DialContext: checked(env.Dial, o.AllowPrivate), TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: sendTimeout,
		MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: maxBusy, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, DisableCompression: true,
		ForceAttemptHTTP2: true,
	}
	if proxy := proxyOf(o, env); proxy != nil { // it looks the address up
		connections.Proxy = http.ProxyURL(proxy)
		connections.DialContext = checked(env.Dial, true)
	}
	return &sender{o, env.Now, &http.Client{
		Transport: connections, Timeout: sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// checked returns a function that refuses addresses. Of a dialer in tests it checks the address that was asked for.
func checked(dial dialFunc, allowPrivate bool) dialFunc {
	if dial == nil {
		return (&net.Dialer{Timeout: dialTimeout, Control: control(allowPrivate)}).DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := checkDialed(address, allowPrivate); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		return dial(ctx, network, address)
	}
}

// proxyOf returns the proxy for a hook; nil: none.
func proxyOf(o Hook, env *Options) *url.URL {
	to, err := url.Parse(o.URL)
	if !o.EnvironmentProxy || err != nil {
		return nil
	}
	proxy, err := env.Proxy(to)
	if err != nil {
		return &url.URL{Scheme: "http", Host: "invalid."} // nothing must bypass a proxy whose URL is wrong
	}
	return proxy
}

// close closes idle connections.
func (s *sender) close() { s.http.CloseIdleConnections() }

// A failure is why a message was not delivered, in words without the URL.
type failure struct {
	cause string        // few different ones, for metrics
	text  string        // for people
	after time.Duration // how long the receiver asks to wait; 0: it doesn't
}

// send sends a message once. It returns nil after an answer that confirms it.
func (s *sender) send(ctx context.Context, m *message) *failure {
	if !s.o.Private && m.Content.Data.Private != nil { // the setting has changed since
		public := *m
		public.Content.Data.Private = nil
		m = &public
	}
	header := http.Header{"User-Agent": {"waitboard"}}
	body := formats[s.o.Format](m, header)
	sign(header, s.o.Secret, m.ID, s.now(), body)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.o.URL, bytes.NewReader(body))
	if err != nil {
		return &failure{cause: "unreachable", text: "its URL can't be used"}
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := s.http.Do(request)
	if err != nil {
		return explain(err)
	}
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // nobody reads it
	_ = response.Body.Close()
	return s.judge(response)
}

// explain returns why a request failed.
func explain(err error) *failure {
	for _, refused := range []error{errForbidden, errPrivate} {
		if errors.Is(err, refused) {
			return &failure{cause: "refused_address", text: refused.Error()}
		}
	}
	f := transport.Failure(err)
	return &failure{cause: string(f.Cause), text: f.Detail}
}

// judge returns what an answer means.
func (s *sender) judge(response *http.Response) *failure {
	status := response.StatusCode
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return &failure{cause: "redirect", text: fmt.Sprintf("it answers with a redirect (status %d), which is not followed; use the new URL", status)}
	case status == http.StatusGone:
		return &failure{cause: "gone", text: "it no longer exists (status 410); remove the webhook, or use its new URL", after: maxWait}
	}
	return &failure{cause: "status", text: fmt.Sprintf("it answers with status %d", status), after: s.retryAfter(response.Header.Get("Retry-After"))}
}

// retryAfter reads the header field: seconds or a date. It is at most maxWait.
func (s *sender) retryAfter(text string) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil || errors.Is(err, strconv.ErrRange) { // then it is the nearest int
		return time.Duration(min(max(seconds, 0), int(maxWait.Seconds()))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(s.now()), 0), maxWait)
	}
	return 0
}

// SendTest sends a test message once. It returns why it was not delivered, in words without the URL; empty: it was.
func SendTest(ctx context.Context, o Hook, env Options) string {
	s := newSender(o, &env)
	defer s.close()
	m := test(o.Name, env.Now())
	if f := s.send(ctx, &m); f != nil {
		return f.text
	}
	return ""
}
