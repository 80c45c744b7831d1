package app

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/config"
)

// A keyring is what a listener encrypts with. It can be replaced while that serves; nil: it does not encrypt.
type keyring struct {
	tls     *tls.Config
	expires time.Time // of a certificate from a file; zero: it is got by itself
	names   []string  // to get certificates for

	mu  sync.Mutex
	got map[string]time.Time // by name: since when the newest certificate for it that was seen is valid
}

// newKeyring makes the one that a configuration asks for, which may be nil.
func newKeyring(c *config.Config, log *slog.Logger) (*keyring, error) {
	switch {
	case !c.TLS.On():
		return nil, nil //nolint:nilnil // not encrypted is no error
	case c.TLS.Auto != nil:
		return automaticKeyring(c, log)
	}
	certificate, err := tls.X509KeyPair(c.TLS.Certificate, []byte(c.TLS.Key.Reveal()))
	if err != nil {
		return nil, errors.New("tls: the certificate can't be used with its key") // the configuration was checked
	}
	return &keyring{
		expires: certificate.Leaf.NotAfter,
		tls:     &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12},
	}, nil
}

// renewing is how long before its end a certificate should have been replaced by another.
const renewing = 14 * 24 * time.Hour

// warn tells the log of certificates that are about to end, or have.
func (k *keyring) warn(log *slog.Logger, now time.Time) {
	if k == nil {
		return
	}
	switch left := k.expires.Sub(now); {
	case k.expires.IsZero():
	case left <= 0:
		log.Error("THE CERTIFICATE HAS EXPIRED; browsers refuse to talk to this service. Renew cert_file.", "expired", k.expires.UTC().Format(time.RFC3339))
	case left < renewing:
		log.Warn("the certificate expires soon; renew cert_file, which is taken over at once", "expires", k.expires.UTC().Format(time.RFC3339))
	}
	for _, certificate := range k.latest() {
		if late(certificate, now) {
			log.Error("A CERTIFICATE IS NOT RENEWED; see that port 443 of the name leads here, and that this machine reaches the authority",
				"names", certificate.DNSNames, "expires", certificate.NotAfter.UTC().Format(time.RFC3339))
		}
	}
}

// ends is when the certificate ends, or the first of several; zero while there is none.
func (k *keyring) ends() (first time.Time) {
	if k == nil {
		return first
	}
	first = k.expires
	for _, certificate := range k.latest() {
		if first.IsZero() || certificate.NotAfter.Before(first) {
			first = certificate.NotAfter
		}
	}
	return first
}

// An expiryCollector tells when the certificate of the public listener ends, if it has one.
type expiryCollector struct{ app *App }

var certificateExpires = prometheus.NewDesc("waitboard_tls_certificate_expires_timestamp_seconds", "When the certificate of the public listener ends, or the first of several, in Unix time.", nil, nil)

func (c expiryCollector) Describe(out chan<- *prometheus.Desc) { out <- certificateExpires }

func (c expiryCollector) Collect(out chan<- prometheus.Metric) {
	if ends := c.app.keys().ends(); !ends.IsZero() {
		out <- prometheus.MustNewConstMetric(certificateExpires, prometheus.GaugeValue, float64(ends.Unix()))
	}
}

// keys are those of the public listener; nil: it does not encrypt.
func (a *App) keys() *keyring {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.public.keys.Load()
}

// maySpeak tells whether a listener that stays can speak as a configuration asks: what it has begun as, with TLS or without, it stays.
func maySpeak(old, now *config.Config) error {
	switch {
	case old.TLS.On() != now.TLS.On():
		return restartError("tls: can't be turned on or off while waitboard listens on that address")
	case old.H2C != now.H2C:
		return restartError("h2c: can't be turned on or off while waitboard listens on that address")
	}
	return nil
}
