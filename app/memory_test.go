package app

import (
	"os"
	"regexp"
	"runtime"
	"strconv"
	"testing"
)

func TestLoad(t *testing.T) {
	const mb = 1 << 20
	busy := func(n int) []uint64 {
		rates := make([]uint64, n)
		for i := range rates {
			rates[i] = 50 * mb
		}
		return rates
	}
	calm := func(n int) []uint64 { return make([]uint64, n) }
	for _, test := range []struct {
		name    string
		rates   [][]uint64 // bytes allocated in each second
		live    uint64
		percent int
		rests   int
	}{
		{"begun", [][]uint64{calm(rest - 1)}, 2 * mb, idlePercent, 1},
		{"a long start", [][]uint64{busy(5), calm(1)}, 500 * mb, idlePercent, 1},
		{"idle from the start", [][]uint64{calm(10 * rest)}, 2 * mb, idlePercent, 2},
		{"busy with a small heap", [][]uint64{busy(1)}, 2 * mb, busyPercent, 0},
		{"busy with a larger one", [][]uint64{busy(5)}, 8 * mb, 200, 0},
		{"busy with a large one", [][]uint64{busy(5)}, 500 * mb, idlePercent, 0},
		{"before the first collection", [][]uint64{busy(1)}, 0, busyPercent, 0},
		{"a pause", [][]uint64{busy(5), calm(rest - 1)}, 2 * mb, busyPercent, 1},
		{"pauses", [][]uint64{busy(5), calm(rest - 1), busy(1), calm(rest - 1)}, 2 * mb, busyPercent, 1},
		{"at rest again", [][]uint64{busy(5), calm(rest)}, 2 * mb, idlePercent, 2},
		{"twice", [][]uint64{busy(5), calm(2 * rest), busy(1), calm(rest)}, 2 * mb, idlePercent, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, allocated, rests := load{percent: idlePercent}, uint64(0), 0
			for _, span := range test.rates {
				for _, rate := range span {
					allocated += rate
					if l.next(allocated, test.live) {
						rests++
					}
				}
			}
			if l.percent != test.percent || rests != test.rests {
				t.Errorf("%d %%, at rest %d times", l.percent, rests)
			}
		})
	}
}

// What has been given back is there when it is needed.
func TestGiveBack(t *testing.T) {
	if runtime.GOOS != "linux" {
		giveBack()
		return
	}
	mapped := func() int {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		kB, err := strconv.Atoi(regexp.MustCompile(`RssFile:\s+(\d+)`).FindStringSubmatch(string(status))[1])
		if err != nil {
			t.Fatal(err)
		}
		return kB
	}
	before := mapped()
	giveBack()
	if after := mapped(); after >= before {
		t.Errorf("%d kB of files are mapped, %d before", after, before)
	}
	TestLoad(t)
}
