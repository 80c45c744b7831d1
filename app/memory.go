package app

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How often garbage is collected (see [debug.SetGCPercent]). Where there is little in the heap, a busy service would collect twenty times a
// second, which is a tenth of what it does; an idle one has no use for more memory.
const (
	idlePercent = 100
	busyPercent = 400
	// busySlack is how much garbage may gather in a busy service, in bytes, unless there is more than that in its heap.
	busySlack = 16 << 20
	// busyRate is what a busy service allocates at least, in bytes a second.
	busyRate = 4 << 20
	// rest is how many seconds without that make it an idle one.
	rest = 30
)

// tend has a busy service use memory to save time, and an idle one give it back, until ctx is done. An operator who sets GOGC knows better.
func tend(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	seconds := time.NewTicker(time.Second)
	defer seconds.Stop()
	load := load{percent: idlePercent}
	for {
		select {
		case <-ctx.Done():
			return
		case <-seconds.C:
			before := load.percent
			rested := load.next(heapFigures())
			if load.percent != before {
				debug.SetGCPercent(load.percent)
			}
			if rested {
				giveBack()
			}
		}
	}
}

// heapFigures are how many bytes have been allocated since the start, and how many the last collection found in use.
func heapFigures() (allocated, live uint64) {
	samples := [...]metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples[:])
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}

// A load is how busy the service is.
type load struct {
	allocated uint64
	percent   int  // what the collector is to be set to
	calm      int  // seconds that it has not been busy for
	begun     bool // a first second has been calm: what is done once, at the start, is done
}

// next takes in the figures of a second later. It tells whether the service has just come to rest, or ended its start.
func (l *load) next(allocated, live uint64) (rested bool) {
	rate := allocated - l.allocated
	l.allocated = allocated
	if rate >= busyRate {
		l.calm, l.percent = 0, int(min(busyPercent, max(idlePercent, 100*busySlack/max(live, 1))))
		return false
	}
	if l.calm++; l.calm == rest {
		l.percent = idlePercent
		rested = true
	}
	rested, l.begun = rested || !l.begun, true
	return rested
}

// giveBack returns memory to the system: what is free of the heap, and what was mapped of files and may not be needed again.
func giveBack() {
	runtime.GC() // what pools hold is let go of at the second collection
	debug.FreeOSMemory()
	unmapFiles()
}
