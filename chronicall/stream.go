package chronicall

import (
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
)

// The address of a subscription: its key stands in the query, which makes the whole of it a secret.
const (
	streamPath = "/api/v1/realtime-metric-subscription?"
	streamKey  = "auth_token="
	streamID   = "id="
)

// goodbye is how long a source has to answer our end of a subscription before the connection is cut.
const goodbye = time.Second

// Groups splits metric IDs into groups whose subscriptions have an address of a safe length each.
func (c *Client) Groups(ids []string) [][]string {
	without := len(c.url) + len(streamPath) + len(streamKey) + len(url.QueryEscape(c.key.Reveal()))
	return pack(ids, without, len(streamID)+len("&"))
}

// Subscribe has the source tell of each change of these metrics, through one WebSocket, until ctx is done or the socket
// breaks, and returns why: ctx's error, or a *domain.Failure. opened is called once the source has agreed; a failure without
// that is one of the handshake. tell gets the messages one by one, in the order in which they come; while it is at work no
// other is read. Pings see to it that a connection that is dead is noticed.
func (c *Client) Subscribe(ctx context.Context, ids []string, opened func(), tell func(domain.Message)) error {
	conn, node, err := c.dial(ctx, ids)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	conn.SetReadLimit(maxMessageBytes)
	opened()
	// Reading goes on for a moment after ctx is done, so that both sides can say goodbye.
	reading, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	var keeper sync.WaitGroup
	keeper.Go(func() { c.keep(ctx, reading, cut, conn) })
	err = c.listen(reading, conn, node, tell)
	cut(nil)
	keeper.Wait()
	_ = conn.CloseNow() // it may be closed already
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// dial opens a socket. What websocket.Dial says of a failure holds the address, and with it the key: no word of it is
// passed on. node is which of the source's clocks the socket's messages are from.
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
		return nil, 0, transportFailure(err)
	case resp.StatusCode == http.StatusSwitchingProtocols:
		return nil, 0, &domain.Failure{Cause: domain.Malformed, Detail: "its answer to the handshake is not that of a WebSocket"}
	}
	status := statusFailure(resp, date, c.now())
	switch status.Cause {
	case domain.BadRequest, domain.NotFound, domain.Unexpected:
		status.Detail = "it offers no subscription at this url (status " + strconv.Itoa(resp.StatusCode) + ")"
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

// listen reads messages until the socket ends.
func (c *Client) listen(ctx context.Context, conn *websocket.Conn, node int, tell func(domain.Message)) error {
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return streamFailure(ctx, err)
		}
		tell(c.decoder.message(raw, timing{answered: c.now(), bearing: c.clock.of(node)}))
	}
}

// streamFailure says in words of ours why a socket has ended.
func streamFailure(ctx context.Context, err error) error {
	var failure *domain.Failure
	switch {
	case errors.As(context.Cause(ctx), &failure):
		return failure
	case errors.Is(err, websocket.ErrMessageTooBig):
		return &domain.Failure{Cause: domain.TooLarge, Detail: "a message is larger than 256 KiB"}
	case websocket.CloseStatus(err) >= 0:
		return &domain.Failure{Cause: domain.Unreachable, Detail: "it ended the subscription"}
	}
	return transportFailure(err)
}

// keep pings the source now and then and cuts the socket if it does not answer in time. When ctx is done it says goodbye.
func (c *Client) keep(ctx, reading context.Context, cut context.CancelCauseFunc, conn *websocket.Conn) {
	ticker := time.NewTicker(c.ping)
	defer ticker.Stop()
	for {
		select {
		case <-reading.Done():
			return
		case <-ctx.Done():
			timer := time.AfterFunc(goodbye, func() { cut(ctx.Err()) })
			defer timer.Stop()
			_ = conn.Close(websocket.StatusGoingAway, "")
			return
		case <-ticker.C:
			switch err := c.pingOnce(ctx, reading, conn); {
			case err == nil, ctx.Err() != nil:
			case errors.Is(err, context.DeadlineExceeded):
				cut(&domain.Failure{Cause: domain.Timeout, Detail: "no answer to a ping in time"})
			default:
				cut(&domain.Failure{Cause: domain.Unreachable, Detail: "the connection broke"})
			}
		}
	}
}

// pingOnce waits for the answer to a ping, unless the socket ends first or ctx is done.
func (c *Client) pingOnce(ctx, reading context.Context, conn *websocket.Conn) error {
	ping, cancel := context.WithTimeout(reading, c.timeout)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	return conn.Ping(ping)
}
