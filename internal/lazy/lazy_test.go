package lazy

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestByKey(t *testing.T) {
	var made atomic.Int32
	lengths := ByKey([]string{"one", "three"}, func(key string) int { made.Add(1); return len(key) })
	if made.Load() != 0 {
		t.Error("made before anyone asks")
	}
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			if lengths("three") != 5 || lengths("two") != 0 {
				t.Errorf("%d, %d", lengths("three"), lengths("two"))
			}
		})
	}
	asking.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}
