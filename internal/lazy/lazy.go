// Package lazy puts work off until somebody asks for its result. A start has no time for what may never be asked for, nor
// memory.
package lazy

import "sync"

// ByKey is what is made of each key when it is first asked for, and the zero value for a key that is none of these.
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
