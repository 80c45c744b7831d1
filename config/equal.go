package config

import (
	"reflect"
	"slices"
)

// Equal tells whether two sources are configured alike, keys included.
func (s Source) Equal(other Source) bool {
	key, otherKey := s.Key, other.Key
	s.Key, other.Key = Secret{}, Secret{} // which reflect can't compare
	return key.Equal(otherKey) && reflect.DeepEqual(s, other)
}

// Equal tells whether two configurations mean the same.
func (c *Config) Equal(other *Config) bool {
	a, b := *c, *other
	a.Sources, b.Sources = nil, nil
	a.AdminToken, b.AdminToken = Secret{}, Secret{} // which reflect can't compare
	a.TLS, b.TLS = TLS{}, TLS{}
	return c.TLS.Equal(other.TLS) && c.AdminToken.Equal(other.AdminToken) && slices.EqualFunc(c.Sources, other.Sources, Source.Equal) && reflect.DeepEqual(a, b)
}
