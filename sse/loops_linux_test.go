package sse

import "sync"

// settle returns when every loop has looked at all its connections by the clock of now.
func (ls *loops) settle() {
	ls.mu.Lock()
	all := ls.all
	ls.mu.Unlock()
	for range 2 { // a loop does what is posted, and sweeps after it
		var done sync.WaitGroup
		for _, l := range all {
			done.Add(1)
			if !l.post(done.Done) {
				done.Done()
			}
		}
		done.Wait()
	}
}
