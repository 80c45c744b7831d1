package testprogram

import (
	"regexp"
	"strings"
	"sync"
)

// A log stores what a service logs.
type log struct {
	public, admin chan string // hold the addresses as soon as the service listens there

	mu   sync.Mutex // guards what follows
	text strings.Builder
	read int // how many bytes of text were searched for addresses
}

func newLog() *log { return &log{public: make(chan string, 1), admin: make(chan string, 1)} }

var listening = regexp.MustCompile(`msg=listening for=(\w+) url=(\S+)`)

// Write stores text, and finds the addresses in whole lines.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.text.Write(p)
	lines := l.text.String()[l.read:]
	lines = lines[:strings.LastIndexByte(lines, '\n')+1]
	l.read += len(lines)
	for _, found := range listening.FindAllStringSubmatch(lines, -1) {
		of := l.public
		if found[1] == "admin" {
			of = l.admin
		}
		select {
		case of <- found[2]:
		default: // the address before is still there
		}
	}
	return n, err
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
