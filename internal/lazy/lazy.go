// Package lazy postpones work until its result is needed, which saves time and memory at the start.
package lazy

import "sync"

// ByKey returns a function that calls made once for each key, at the first call with that key. For other keys it returns the zero value.
func ByKey[V any](keys []string, made func(key string) V) func(key string) V {
	all := make(map[string]func() V, len(keys))
	for _, key := range keys {
		all[key] = sync.OnceValue(func() V { return made(key) })
	}
	return func(key string) (value V) {
		if one := all[key]; one != nil {
			value = one()
		}
		return value
	}
}
