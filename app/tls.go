package app

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waitboard/cluster"
	"waitboard/config"
)

// A keyring holds the certificates of a listener, which can be replaced while it serves; nil: it doesn't encrypt.
type keyring struct {
	tls     *tls.Config
	expires time.Time // of a certificate from a file; zero: certificates are obtained automatically
	begins  time.Time // of the same certificate
	names   []string  // to obtain certificates for

	mu   sync.Mutex
	seen map[string]time.Time // by name: NotBefore of the newest certificate obtained for it
}

// newKeyring returns the keyring of a configuration, which may be nil. shared is nil unless there are other replicas.
func newKeyring(c *config.Config, shared *cluster.Cluster, log *slog.Logger) (*keyring, error) {
	switch {
	case !c.TLS.On():
		return nil, nil //nolint:nilnil // not encrypted is no error
	case c.TLS.Auto != nil:
		return automaticKeyring(c, shared, log)
	}
	certificate, err := tls.X509KeyPair(c.TLS.Certificate, []byte(c.TLS.Key.Reveal()))
	if err != nil {
		return nil, errors.New("tls: the certificate can't be used with its key") // the configuration was checked
	}
	return &keyring{
		expires: certificate.Leaf.NotAfter, begins: certificate.Leaf.NotBefore,
		tls: &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12},
	}, nil
}

// renewing is how long before it expires a certificate should be replaced.
const renewing = 14 * 24 * time.Hour

// warn logs certificates that expire soon, or have expired.
func (k *keyring) warn(log *slog.Logger, now time.Time) {
	if k == nil {
		return
	}
	switch left := k.expires.Sub(now); {
	case k.expires.IsZero():
	case left <= 0:
		log.Error("certificate expired, browsers refuse to connect; renew cert_file", "expired", k.expires.UTC().Format(time.RFC3339))
	case left < renewing:
		log.Warn("certificate expires soon; renew cert_file, which takes effect at once", "expires", k.expires.UTC().Format(time.RFC3339))
	}
	for _, certificate := range k.latest() {
		if late(certificate, now) {
			log.Error("certificate not renewed; check that port 443 of the name leads here, and that this machine reaches the authority",
				"names", certificate.DNSNames, "expires", certificate.NotAfter.UTC().Format(time.RFC3339))
		}
	}
}

// validity returns from when to when the certificate is valid, or of several the one that expires first; zero while there is none.
func (k *keyring) validity() (begins, ends time.Time) {
	if k == nil {
		return begins, ends
	}
	begins, ends = k.begins, k.expires
	for _, certificate := range k.latest() {
		if ends.IsZero() || certificate.NotAfter.Before(ends) {
			begins, ends = certificate.NotBefore, certificate.NotAfter
		}
	}
	return begins, ends
}

// A certificateCollector collects the validity of the certificate of the public listener, if it has one.
type certificateCollector struct{ app *App }

var (
	certificateExpires = prometheus.NewDesc("waitboard_tls_certificate_expires_timestamp_seconds", "When the certificate of the public listener expires, or the first of several, in Unix time.", nil, nil)
	certificateBegins  = prometheus.NewDesc("waitboard_tls_certificate_begins_timestamp_seconds", "When the validity of that certificate began, in Unix time.", nil, nil)
)

// Describe sends both descriptions.
func (c certificateCollector) Describe(out chan<- *prometheus.Desc) {
	out <- certificateExpires
	out <- certificateBegins
}

// Collect sends both times.
func (c certificateCollector) Collect(out chan<- prometheus.Metric) {
	if begins, ends := c.app.keys().validity(); !ends.IsZero() {
		out <- gauge(certificateExpires, float64(ends.Unix()))
		out <- gauge(certificateBegins, float64(begins.Unix()))
	}
}

// keys returns the keyring of the public listener; nil: it doesn't encrypt.
func (a *App) keys() *keyring {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.public.keys.Load()
}

// maySpeak returns an error if a listener that stays open would have to change its protocol: it can't turn TLS or h2c on or off.
func maySpeak(old, now *config.Config) error {
	switch {
	case old.TLS.On() != now.TLS.On():
		return restartError("tls: can't be turned on or off while waitboard listens on that address")
	case old.H2C != now.H2C:
		return restartError("h2c: can't be turned on or off while waitboard listens on that address")
	}
	return nil
}
