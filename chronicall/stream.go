package chronicall

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"waitboard/domain"
	"waitboard/internal/transport"
)

// The URL of a subscription has the key in its query, so the whole URL is a secret.
const (
	streamPath = "/api/v1/realtime-metric-subscription?"
	streamKey  = "auth_token="
	streamID   = "id="
)

// closeTimeout is how long the source may take for its part of the closing handshake.
const closeTimeout = time.Second

// Groups splits metric IDs into groups whose subscriptions have URLs of a safe length.
func (c *Client) Groups(ids []string) [][]string {
	fixed := len(c.url) + len(streamPath) + len(streamKey) + len(url.QueryEscape(c.key.Reveal()))
	return pack(ids, fixed, len(streamID)+len("&"))
}

// Subscribe makes the source push each change of these metrics through one WebSocket. The caller must call run, which passes
// messages to receive, one at a time and in their order, until ctx is done or the socket breaks. Pings detect dead
// connections. Errors of both are ctx's, or a *domain.Failure.
func (c *Client) Subscribe(ctx context.Context, ids []string) (run func(receive func(domain.Push)) error, err error) {
	conn, node, err := c.dial(ctx, ids)
	if err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	conn.SetReadLimit(maxMessageBytes)
	return func(receive func(domain.Push)) error {
		if ctx.Err() != nil { // a closing handshake before the first read would not end in time
			_ = conn.CloseNow()
			return ctx.Err()
		}
		reading, stop := context.WithCancelCause(context.WithoutCancel(ctx)) // outlives ctx by the closing handshake
		var watching sync.WaitGroup
		watching.Go(func() { c.watch(ctx, reading, stop, conn) })
		err := c.read(reading, conn, node, receive)
		stop(nil)
		watching.Wait()
		_ = conn.CloseNow() // it may be closed already
		return cmp.Or(ctx.Err(), err)
	}, nil
}

// dial opens a socket. node is the clock that dates its messages. Errors of websocket.Dial contain the URL, and so the key:
// dial returns none of their text.
func (c *Client) dial(ctx context.Context, ids []string) (conn *websocket.Conn, node int, failure error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	asked := c.now()
	socket, resp, err := websocket.Dial(ctx, c.streamURL(ids), &websocket.DialOptions{HTTPClient: c.http}) //nolint:bodyclose // Dial does
	var date time.Time
	if resp != nil {
		date, _ = http.ParseTime(resp.Header.Get("Date"))
	}
	switch {
	case err == nil:
		return socket, c.clock.sample(asked, c.now(), date).node, nil
	case resp == nil:
		return nil, 0, c.transportFailure(err)
	case resp.StatusCode == http.StatusSwitchingProtocols:
		return nil, 0, &domain.Failure{Cause: domain.Malformed, Detail: "the answer to the handshake is not that of a WebSocket"}
	}
	status := c.statusFailure(resp, date)
	switch status.Cause {
	case domain.Forbidden:
		status.Detail = "a metric is not assigned to the key's user, or a proxy or firewall blocks WebSockets (status 403)"
	case domain.Unauthorized:
		status.Detail = "the key is rejected, or a proxy demands a login (status 401)"
	case domain.BadRequest, domain.NotFound, domain.Unexpected:
		status.Detail = "it offers no subscription at this url, or a proxy does not pass WebSockets on (status " + strconv.Itoa(resp.StatusCode) + ")"
	}
	return nil, 0, status
}

func (c *Client) streamURL(ids []string) string {
	var address strings.Builder
	address.WriteString(c.url + streamPath)
	for _, id := range ids {
		address.WriteString(streamID + url.QueryEscape(id) + "&")
	}
	return address.String() + streamKey + url.QueryEscape(c.key.Reveal())
}

// read reads messages until the socket ends.
func (c *Client) read(ctx context.Context, conn *websocket.Conn, node int, receive func(domain.Push)) error {
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return streamFailure(ctx, err)
		}
		receive(c.decoder.message(raw, timing{answered: c.now(), offset: c.clock.of(node)}))
	}
}

// streamFailure returns why a socket has ended.
func streamFailure(ctx context.Context, err error) error {
	var failure *domain.Failure
	switch {
	case errors.As(context.Cause(ctx), &failure):
		return failure
	case errors.Is(err, websocket.ErrMessageTooBig):
		return &domain.Failure{Cause: domain.TooLarge, Detail: "a message is larger than 256 KiB"}
	case websocket.CloseStatus(err) >= 0:
		return &domain.Failure{Cause: domain.Unreachable, Detail: "the source ended the subscription"}
	}
	return transport.Failure(err)
}

// watch pings the source and stops reading if it does not answer in time. When ctx is done it closes the socket.
func (c *Client) watch(ctx, reading context.Context, stop context.CancelCauseFunc, conn *websocket.Conn) {
	ticker := time.NewTicker(c.ping)
	defer ticker.Stop()
	for {
		select {
		case <-reading.Done():
			return
		case <-ctx.Done():
			timer := time.AfterFunc(closeTimeout, func() { stop(ctx.Err()) }) // not joined: it only cancels
			defer timer.Stop()
			_ = conn.Close(websocket.StatusGoingAway, "")
			return
		case <-ticker.C:
			switch err := c.pingOnce(ctx, reading, conn); {
			case err == nil, ctx.Err() != nil:
			case errors.Is(err, context.DeadlineExceeded):
				stop(&domain.Failure{Cause: domain.Timeout, Detail: "no answer to a ping in time"})
			default:
				stop(&domain.Failure{Cause: domain.Unreachable, Detail: "the connection broke"})
			}
		}
	}
}

// pingOnce pings and waits for the answer, until the socket ends or ctx is done.
func (c *Client) pingOnce(ctx, reading context.Context, conn *websocket.Conn) error {
	ping, cancel := context.WithTimeout(reading, c.timeout)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)() // not joined: it only cancels
	return conn.Ping(ping)
}
