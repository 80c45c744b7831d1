package config

import (
	"reflect"
	"slices"
)

// Equal reports whether two sources have the same configuration, keys included.
func (s Source) Equal(other Source) bool {
	same := s.Key.Equal(other.Key) && s.ClientKey.Equal(other.ClientKey)
	s.Key, other.Key = Secret{}, Secret{} // reflect can't compare them
	s.ClientKey, other.ClientKey = Secret{}, Secret{}
	return same && reflect.DeepEqual(s, other)
}

// Equal reports whether two configurations mean the same.
func (c *Config) Equal(other *Config) bool {
	a, b := *c, *other
	a.Sources, b.Sources = nil, nil
	a.Webhooks, b.Webhooks = nil, nil
	a.AdminToken, b.AdminToken = Secret{}, Secret{} // reflect can't compare it
	a.TLS, b.TLS = TLS{}, TLS{}
	a.Cluster, b.Cluster = Cluster{}, Cluster{}
	return c.Cluster.Equal(other.Cluster) && c.TLS.Equal(other.TLS) && c.AdminToken.Equal(other.AdminToken) && slices.EqualFunc(c.Sources, other.Sources, Source.Equal) && slices.EqualFunc(c.Webhooks, other.Webhooks, Webhook.Equal) && reflect.DeepEqual(a, b)
}
