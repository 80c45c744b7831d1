package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/crypto/acme/autocert"
)

// certificatesLife is longer than certificates are valid.
const certificatesLife = 120 * 24 * time.Hour

// Certificates is an [autocert.Cache] on the engine, which all replicas share. Local has a copy of everything, for when the engine does not
// answer or has lost it.
type Certificates struct {
	cluster *Cluster
	keys    *keys
	local   autocert.Cache
}

// Certificates returns a cache that encrypts with a secret.
func (c *Cluster) Certificates(secret string, local autocert.Cache) *Certificates {
	return &Certificates{c, newKeys(secret), local}
}

func (c *Certificates) key(name string) string {
	return c.cluster.key("certificate", c.keys.name("certificate", name))
}

// Get returns the data of a name, or [autocert.ErrCacheMiss].
func (c *Certificates) Get(ctx context.Context, name string) ([]byte, error) {
	key := c.key(name)
	sealed, err := c.cluster.client.GetEx(ctx, key, certificatesLife).Result()
	if data, ok := c.keys.open(key, sealed); err == nil && ok {
		return data, nil
	}
	data, localErr := c.local.Get(ctx, name)
	if localErr == nil && errors.Is(err, redis.Nil) {
		_ = c.store(ctx, key, data) // the engine has lost it
	}
	return data, localErr
}

// Put stores the data of a name. It succeeds if either place has it.
func (c *Certificates) Put(ctx context.Context, name string, data []byte) error {
	err := c.store(ctx, c.key(name), data)
	if localErr := c.local.Put(ctx, name, data); err != nil {
		return localErr
	}
	return nil
}

func (c *Certificates) store(ctx context.Context, key string, data []byte) error {
	return c.cluster.client.Set(ctx, key, c.keys.seal(key, data), certificatesLife).Err()
}

// Delete removes the data of a name.
func (c *Certificates) Delete(ctx context.Context, name string) error {
	return errors.Join(c.cluster.client.Del(ctx, c.key(name)).Err(), c.local.Delete(ctx, name))
}
