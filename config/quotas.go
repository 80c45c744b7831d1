package config

import "time"

// RateLimit limits the requests of each client of the public service.
type RateLimit struct {
	Requests     int           // at once, 0 for no limit, at most 10000
	Per          time.Duration // in which they all come back: whole seconds, 1s to 1h
	SparePrivate bool          // whether clients with loopback, private and link-local addresses have no limit
}

// pagesOfAddress is how many open pages the default limit allows an address, such as that of an office: each page requests its widgets once
// per interval of their sources.
const pagesOfAddress = 500

// defaultRateLimit returns the limit of a file without rate_limit. It spares private addresses: such a client is the operator or, more likely,
// a proxy whose visitors would all count as one. A limit that the operator did not set must not shut out a website.
func defaultRateLimit(sources []Source) RateLimit {
	interval := 10 * time.Second
	for _, s := range sources {
		interval = min(interval, max(s.Interval, time.Second)) // pages don't request more often
	}
	return RateLimit{Requests: min(int(pagesOfAddress*time.Minute/interval), 10_000), Per: time.Minute, SparePrivate: true}
}

// rateLimit returns the limit of the file, or the zero RateLimit without one.
func (c *checker) rateLimit(path string, in *FileRateLimit) RateLimit {
	if in == nil {
		return RateLimit{}
	}
	if in.Per%time.Second != 0 {
		c.add(path+".per", "must be whole seconds", "the header fields that report the limit have no smaller unit")
	}
	return RateLimit{Requests: in.Requests, Per: in.Per}
}

// Events limits the event streams of the public service.
type Events struct {
	Max           int  // in all, 0 for none at all, at most 1000000
	MaxPerAddress int  // of a client, at least 1
	MaxPerWidget  int  // of one widget, 0 for as many as Max
	SparePrivate  bool // whether clients with loopback, private and link-local addresses are exempt from MaxPerAddress
}

// defaultEvents lets an address open all tabs of a household or a small office; further clients can poll. It spares private addresses for
// the same reason as defaultRateLimit.
var defaultEvents = Events{Max: 10_000, MaxPerAddress: 20, SparePrivate: true}

// eventLimits returns the limits of the file, or the defaults.
func eventLimits(in *FileEvents) Events {
	if in == nil {
		return defaultEvents
	}
	out := Events{Max: in.Max, MaxPerAddress: in.MaxPerAddress, MaxPerWidget: in.MaxPerWidget}
	if out.MaxPerAddress == 0 { // the file has none
		out.MaxPerAddress, out.SparePrivate = defaultEvents.MaxPerAddress, true
	}
	return out
}
