package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// silence is how many ticks without a message mean that the subscription is dead: each tick sends a probe.
const silence = 4

// listen receives the messages of other replicas until ctx is done.
func (c *Cluster) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := c.receive(ctx)
		pause := c.o.TTL / 25
		if !c.Connected() {
			pause = c.o.TTL / 5
		}
		if errors.As(err, new(redis.Error)) {
			c.hear(err) // the next tick reports it
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// receive subscribes once, and passes messages on until the subscription breaks or is silent. After a failover, a subscription can lead to an
// engine to which nobody writes any more: it stays open, and no message arrives.
func (c *Cluster) receive(ctx context.Context) error {
	probes := c.key("probe", c.replica)
	sub := c.client.Subscribe(ctx, c.key("wake"), probes)
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer stop()
	defer sub.Close() //nolint:errcheck // it may be broken
	for {
		message, err := sub.ReceiveTimeout(ctx, silence*c.o.TTL/5)
		if err != nil {
			return err
		}
		if _, ok := message.(*redis.Subscription); ok {
			c.hear(nil)
		}
		if m, ok := message.(*redis.Message); ok && m.Channel != probes {
			select {
			case c.wakes <- m.Payload:
			default: // the loop reads everything once per interval anyway
			}
		}
	}
}

// hear notes whether the engine accepts the subscription.
func (c *Cluster) hear(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rejected = err
}

// probe sends this replica a message.
func (c *Cluster) probe(ctx context.Context) error {
	return c.client.Publish(ctx, c.key("probe", c.replica), "").Err()
}
