package app

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"waitboard/config"
)

// A keyring is what a listener encrypts with. It can be replaced while that serves; nil: it does not encrypt.
type keyring struct {
	tls     *tls.Config
	expires time.Time // of a certificate from a file; zero: it is got by itself
	names   []string  // to get certificates for
}

// newKeyring makes the one that a configuration asks for, which may be nil.
func newKeyring(c *config.Config, log *slog.Logger) (*keyring, error) {
	switch {
	case !c.TLS.On():
		return nil, nil //nolint:nilnil // not encrypted is no error
	case c.TLS.Auto != nil:
		return automaticKeyring(c, log), nil
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

// warn tells the log of a certificate that is about to end, or has.
func (k *keyring) warn(log *slog.Logger, now time.Time) {
	if k == nil || k.expires.IsZero() {
		return
	}
	switch left := k.expires.Sub(now); {
	case left <= 0:
		log.Error("THE CERTIFICATE HAS EXPIRED; browsers refuse to talk to this service. Renew cert_file.", "expired", k.expires.UTC().Format(time.RFC3339))
	case left < renewing:
		log.Warn("the certificate expires soon; renew cert_file, which is taken over at once", "expires", k.expires.UTC().Format(time.RFC3339))
	}
}

// An expiryCollector tells when the certificate ends that the public listener has from a file, if it has one.
type expiryCollector struct{ app *App }

var certificateExpires = prometheus.NewDesc("waitboard_tls_certificate_expires_timestamp_seconds", "When the certificate in cert_file ends, in Unix time.", nil, nil)

func (c expiryCollector) Describe(out chan<- *prometheus.Desc) { out <- certificateExpires }

func (c expiryCollector) Collect(out chan<- prometheus.Metric) {
	if keys := c.app.keys(); keys != nil && !keys.expires.IsZero() {
		out <- prometheus.MustNewConstMetric(certificateExpires, prometheus.GaugeValue, float64(keys.expires.Unix()))
	}
}

// keys are those of the public listener; nil: it does not encrypt.
func (a *App) keys() *keyring {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.public.keys.Load()
}

// automaticKeyring gets certificates by the challenge that needs no port but the service's own
// (RFC 8737), and renews them by itself.
func automaticKeyring(c *config.Config, log *slog.Logger) *keyring {
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(filepath.Join(c.DataDir, "certificates")),
		HostPolicy: autocert.HostWhitelist(c.TLS.Auto...), Email: c.TLS.Email,
		Client: &acme.Client{
			DirectoryURL: c.TLS.Directory, UserAgent: "waitboard",
			HTTPClient: &http.Client{Transport: &finalizing{RoundTripper: http.DefaultTransport}, Timeout: time.Minute},
		},
	}
	out := m.TLSConfig()
	out.MinVersion = tls.VersionTLS12
	get, failures := out.GetCertificate, &seldom{every: time.Minute}
	out.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		certificate, err := get(hello)
		// Whoever asks for a name that is not ours, or for none, is none of our business.
		if err != nil && m.HostPolicy(context.Background(), strings.ToLower(hello.ServerName)) == nil && failures.due(time.Now()) {
			log.Error("no certificate can be got; see that port 443 of the name leads here, and that this machine reaches the authority",
				"name", hello.ServerName, "error", err)
		}
		return certificate, err
	}
	return &keyring{tls: out, names: c.TLS.Auto}
}

// fetch gets the certificates that there are not yet, so that the first visitor need not wait for them. Whoever asks for one
// in the meantime waits for the same. Nobody waits for fetch itself: package autocert gives up after minutes, and cannot be told to sooner.
func (k *keyring) fetch() {
	for _, name := range k.names {
		// As a browser of today asks, so that it gets the certificate that browsers will ask for. What fails is logged there.
		_, _ = k.tls.GetCertificate(&tls.ClientHelloInfo{
			ServerName: name, SupportedVersions: []uint16{tls.VersionTLS13}, CipherSuites: []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
			SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
		})
	}
}

// seldom lets something pass once in a while.
type seldom struct {
	every time.Duration
	last  atomic.Int64
}

func (s *seldom) due(now time.Time) bool {
	last := s.last.Load()
	return now.UnixNano()-last >= int64(s.every) && s.last.CompareAndSwap(last, now.UnixNano())
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
