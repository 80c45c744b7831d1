package app

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// An automatic certificate is late when half of its renewal time has passed.
func TestLate(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		valid, age time.Duration
		late       bool
	}{
		"new":                               {90 * day, 0, false},
		"to be renewed":                     {90 * day, 61 * day, false},
		"not renewed":                       {90 * day, 76 * day, true},
		"expired":                           {90 * day, 91 * day, true},
		"of a year, to be renewed":          {365 * day, 340 * day, false},
		"of a year, not renewed":            {365 * day, 351 * day, true},
		"of six days, to be renewed":        {6 * day, 4*day + time.Hour, false},
		"of six days, not renewed":          {6 * day, 5*day + time.Hour, true},
		"of a day, as private ones may be":  {day, 20 * time.Hour, false},
		"of a day, a little before the end": {day, 23 * time.Hour, true},
	} {
		if got := late(&x509.Certificate{NotBefore: made, NotAfter: made.Add(test.valid)}, made.Add(test.age)); got != test.late {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// All requests that waited for a certificate get it at once. The log has one line.
func TestEachCertificateIsLoggedOnce(t *testing.T) {
	t.Parallel()
	const names, visitors = 500, 8
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, nil))
	k := &keyring{seen: map[string]time.Time{}}
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range names {
		var all sync.WaitGroup
		for range visitors {
			all.Go(func() { k.note(log, fmt.Sprint(i, ".example.com"), &x509.Certificate{NotBefore: made}) })
		}
		all.Wait()
	}
	k.note(log, "0.example.com", &x509.Certificate{NotBefore: made.Add(time.Hour)})
	k.note(log, "0.example.com", &x509.Certificate{NotBefore: made})
	if logged := strings.Count(text.String(), "certificate obtained"); logged != names+1 {
		t.Errorf("the log has %d certificates, want %d", logged, names+1)
	}
}
